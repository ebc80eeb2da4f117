"""The walls, part three: how people prove who they are, who may open a record, and the clinics' keys."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


class NotEmptyError(Exception):
    """The way back is for empty databases."""


def upgrade() -> None:
    create_sign_in_name()
    create_data_key()
    create_identity_provider()
    create_care_team_member()
    create_emergency_access()
    create_one_time_link()
    create_passkey()
    create_recovery_code()
    create_rate_counter()


def downgrade() -> None:
    refuse_unless_empty()
    for table in (
        "rate_counter",
        "recovery_code",
        "passkey",
        "one_time_link",
        "emergency_access",
        "care_team_member",
        "identity_provider",
        "data_key",
        "sign_in_name",
    ):
        op.drop_table(table)


def refuse_unless_empty() -> None:
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM clinic")):
        raise NotEmptyError(
            "This database has clinics, and what is sealed can't become plain again: "
            "restore the backup from before the migration instead."
        )


def same_clinic(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A reference to a row of the same clinic."""
    name = op.f(f"fk_{table}_clinic_id_{column}")
    return sa.ForeignKeyConstraint(["clinic_id", column], [f"{other}.clinic_id", f"{other}.id"], name=name)


def of_a_clinic(table: str) -> list[sa.schema.SchemaItem]:
    """What every table of a clinic begins with."""
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f(f"fk_{table}_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def create_sign_in_name() -> None:
    op.create_table(
        "sign_in_name",
        sa.Column("address_index", sa.String(length=64), nullable=False),
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        same_clinic("sign_in_name", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("address_index", name=op.f("pk_sign_in_name")),
        sa.UniqueConstraint("clinic_id", "user_id", name=op.f("uq_sign_in_name_clinic_id_user_id")),
    )


def create_data_key() -> None:
    op.create_table(
        "data_key",
        *of_a_clinic("data_key"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_number", sa.Integer(), nullable=False),
        instant("created_at"),
        sa.UniqueConstraint("clinic_id", "number", name=op.f("uq_data_key_clinic_id_number")),
    )


def create_identity_provider() -> None:
    op.create_table(
        "identity_provider",
        *of_a_clinic("identity_provider"),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=False),
        instant("created_at"),
        sa.UniqueConstraint("clinic_id", name=op.f("uq_identity_provider_clinic_id")),
    )


def create_care_team_member() -> None:
    op.create_table(
        "care_team_member",
        *of_a_clinic("care_team_member"),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("added_by_id", sa.String(), nullable=False),
        instant("added_at"),
        same_clinic("care_team_member", "added_by_id", "user_account"),
        same_clinic("care_team_member", "patient_id", "patient"),
        same_clinic("care_team_member", "user_id", "user_account"),
        sa.UniqueConstraint(
            "clinic_id", "patient_id", "user_id", name=op.f("uq_care_team_member_clinic_id_patient_id_user_id")
        ),
    )
    op.create_index(op.f("ix_care_team_member_clinic_id_user_id"), "care_team_member", ["clinic_id", "user_id"])


def create_emergency_access() -> None:
    op.create_table(
        "emergency_access",
        *of_a_clinic("emergency_access"),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        instant("opened_at"),
        instant("expires_at"),
        instant("reviewed_at", nullable=True),
        sa.Column("reviewed_by_id", sa.String(), nullable=True),
        same_clinic("emergency_access", "patient_id", "patient"),
        same_clinic("emergency_access", "reviewed_by_id", "user_account"),
        same_clinic("emergency_access", "user_id", "user_account"),
    )
    op.create_index(
        op.f("ix_emergency_access_clinic_id_patient_id_user_id_expires_at"),
        "emergency_access",
        ["clinic_id", "patient_id", "user_id", "expires_at"],
    )
    op.create_index(op.f("ix_emergency_access_clinic_id_reviewed_at"), "emergency_access", ["clinic_id", "reviewed_at"])


def create_one_time_link() -> None:
    op.create_table(
        "one_time_link",
        *of_a_clinic("one_time_link"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_by_id", sa.String(), nullable=True),
        instant("created_at"),
        instant("expires_at"),
        instant("used_at", nullable=True),
        sa.CheckConstraint("kind IN ('invitation', 'password_reset')", name=op.f("ck_one_time_link_kind")),
        same_clinic("one_time_link", "created_by_id", "user_account"),
        same_clinic("one_time_link", "user_id", "user_account"),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_one_time_link_token_sha256")),
    )
    op.create_index(op.f("ix_one_time_link_clinic_id_user_id"), "one_time_link", ["clinic_id", "user_id"])


def create_passkey() -> None:
    op.create_table(
        "passkey",
        *of_a_clinic("passkey"),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        instant("created_at"),
        instant("last_used_at", nullable=True),
        same_clinic("passkey", "user_id", "user_account"),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_clinic_id_user_id"), "passkey", ["clinic_id", "user_id"])


def create_recovery_code() -> None:
    op.create_table(
        "recovery_code",
        *of_a_clinic("recovery_code"),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        instant("created_at"),
        instant("used_at", nullable=True),
        same_clinic("recovery_code", "user_id", "user_account"),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_recovery_code_code_sha256")),
    )
    op.create_index(op.f("ix_recovery_code_clinic_id_user_id"), "recovery_code", ["clinic_id", "user_id"])


def create_rate_counter() -> None:
    op.create_table(
        "rate_counter",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        instant("expires_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_counter")),
    )
    op.create_index(op.f("ix_rate_counter_expires_at"), "rate_counter", ["expires_at"])
