"""The first tables. Triggers are installed by env.py after every run."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def same_clinic(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A reference to a row of the same clinic."""
    name = op.f(f"fk_{table}_clinic_id_{column}")
    return sa.ForeignKeyConstraint(["clinic_id", column], [f"{other}.clinic_id", f"{other}.id"], name=name)


def upgrade() -> None:
    create_clinic()
    create_audit_event()
    create_patient()
    create_user_account()
    create_api_token()
    create_auth_session()
    create_issued_program()
    create_screening()
    create_draft()
    create_withdrawal()


def downgrade() -> None:
    op.drop_table("withdrawal")
    op.drop_table("draft")
    op.drop_index(op.f("ix_screening_clinic_id_patient_id_recorded_at"), table_name="screening")

    op.drop_table("screening")
    op.drop_index(op.f("ix_issued_program_clinic_id_patient_id_issued_at"), table_name="issued_program")
    op.drop_index(op.f("ix_issued_program_clinic_id_issued_at"), table_name="issued_program")

    op.drop_table("issued_program")
    op.drop_index(op.f("ix_auth_session_user_id"), table_name="auth_session")

    op.drop_table("auth_session")
    op.drop_index(op.f("ix_api_token_user_id"), table_name="api_token")

    op.drop_table("api_token")
    op.drop_table("user_account")
    op.drop_index(op.f("ix_patient_clinic_id_sort_text"), table_name="patient")

    op.drop_table("patient")
    op.drop_index(op.f("ix_audit_event_clinic_id_patient_id_at"), table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_clinic_id_at"), table_name="audit_event")

    op.drop_table("audit_event")
    op.drop_table("clinic")


def create_clinic() -> None:
    op.create_table(
        "clinic",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("hours", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("paper", sa.String(length=10), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("paper IN ('a4', 'letter')", name=op.f("ck_clinic_paper")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
        sa.UniqueConstraint("name", name=op.f("uq_clinic_name")),
    )


def create_audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_role", sa.String(length=20), nullable=False),
        sa.Column("object_id", sa.String(), nullable=True),
        sa.Column("patient_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_audit_event_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_clinic_id_at"), "audit_event", ["clinic_id", "at"], unique=False)
    op.create_index(
        op.f("ix_audit_event_clinic_id_patient_id_at"), "audit_event", ["clinic_id", "patient_id", "at"], unique=False
    )


def create_patient() -> None:
    op.create_table(
        "patient",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("identifier", sa.String(length=120), nullable=True),
        sa.Column("birth_date", sa.String(length=10), nullable=True),
        sa.Column("search_text", sa.String(length=500), nullable=False),
        sa.Column("sort_text", sa.String(length=500), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_patient_revision")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_patient_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_patient_clinic_id_id")),
        sa.UniqueConstraint("clinic_id", "identifier", name=op.f("uq_patient_clinic_id_identifier")),
    )
    op.create_index(op.f("ix_patient_clinic_id_sort_text"), "patient", ["clinic_id", "sort_text"], unique=False)


def create_user_account() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('therapist', 'staff', 'administrator')", name=op.f("ck_user_account_role")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_user_account_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_user_account_clinic_id_id")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
    )


def create_api_token() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        same_clinic("api_token", "user_id", "user_account"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_api_token_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_token_token_sha256")),
    )
    op.create_index(op.f("ix_api_token_user_id"), "api_token", ["user_id"], unique=False)


def create_auth_session() -> None:
    op.create_table(
        "auth_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        same_clinic("auth_session", "user_id", "user_account"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_auth_session_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_auth_session_token_sha256")),
    )
    op.create_index(op.f("ix_auth_session_user_id"), "auth_session", ["user_id"], unique=False)


def create_issued_program() -> None:
    op.create_table("issued_program", *issued_program_columns(), *issued_program_constraints())
    op.create_index(
        op.f("ix_issued_program_clinic_id_issued_at"), "issued_program", ["clinic_id", "issued_at"], unique=False
    )
    op.create_index(
        op.f("ix_issued_program_clinic_id_patient_id_issued_at"),
        "issued_program",
        ["clinic_id", "patient_id", "issued_at"],
        unique=False,
    )


def issued_program_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("series_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.String(), nullable=True),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("issued_by_id", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pack_id", sa.String(length=80), nullable=False),
        sa.Column("pack_version", sa.String(length=40), nullable=False),
        sa.Column("pack_digest", sa.String(length=80), nullable=False),
        sa.Column("program_json", sa.Text(), nullable=False),
        sa.Column("verdict_json", sa.Text(), nullable=False),
        sa.Column("handout_json", sa.Text(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
    ]


def issued_program_constraints() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name=op.f("ck_issued_program_version")),
        sa.CheckConstraint("length(pdf_sha256) = 64", name=op.f("ck_issued_program_pdf_sha256")),
        same_clinic("issued_program", "issued_by_id", "user_account"),
        same_clinic("issued_program", "patient_id", "patient"),
        sa.ForeignKeyConstraint(
            ["clinic_id", "series_id", "supersedes_id"],
            ["issued_program.clinic_id", "issued_program.series_id", "issued_program.id"],
            name=op.f("fk_issued_program_clinic_id_series_id_supersedes_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_issued_program_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_program")),
        sa.UniqueConstraint("clinic_id", "id", name=op.f("uq_issued_program_clinic_id_id")),
        sa.UniqueConstraint("clinic_id", "idempotency_key", name=op.f("uq_issued_program_clinic_id_idempotency_key")),
        sa.UniqueConstraint("clinic_id", "number", "version", name=op.f("uq_issued_program_clinic_id_number_version")),
        sa.UniqueConstraint("clinic_id", "series_id", "id", name=op.f("uq_issued_program_clinic_id_series_id_id")),
        sa.UniqueConstraint(
            "clinic_id", "series_id", "version", name=op.f("uq_issued_program_clinic_id_series_id_version")
        ),
        sa.UniqueConstraint("clinic_id", "supersedes_id", name=op.f("uq_issued_program_clinic_id_supersedes_id")),
    ]


def create_screening() -> None:
    op.create_table(
        "screening",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        same_clinic("screening", "patient_id", "patient"),
        same_clinic("screening", "recorded_by_id", "user_account"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_screening_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
    )
    op.create_index(
        op.f("ix_screening_clinic_id_patient_id_recorded_at"),
        "screening",
        ["clinic_id", "patient_id", "recorded_at"],
        unique=False,
    )


def create_draft() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("supersedes_id", sa.String(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.String(), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_draft_revision")),
        same_clinic("draft", "patient_id", "patient"),
        same_clinic("draft", "supersedes_id", "issued_program"),
        same_clinic("draft", "updated_by_id", "user_account"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_draft_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("clinic_id", "patient_id", name=op.f("uq_draft_clinic_id_patient_id")),
    )


def create_withdrawal() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("program_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("withdrawn_by_id", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        same_clinic("withdrawal", "program_id", "issued_program"),
        same_clinic("withdrawal", "withdrawn_by_id", "user_account"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_withdrawal_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
        sa.UniqueConstraint("clinic_id", "program_id", name=op.f("uq_withdrawal_clinic_id_program_id")),
    )
