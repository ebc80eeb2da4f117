"""The walls: roles, second factors, sealed columns and the chained audit trail. Triggers are installed by env.py.

What was stored so far stays readable: a sealed column keeps it as the octet 0 and the plain octets. Rows of the audit
trail from before the chain get a number each and no code. ``audit_head.mac`` vouches for them: it is the SHA-256, in
hexadecimal, of all of a clinic's old rows in the order of their numbers. A row's text is the JSON array

    [n, at, action, actor_id, actor_roles, object_id, patient_id]

without spaces and in ASCII, "at" being ISO 8601 in UTC with microseconds ("2026-11-23T08:00:00.000000+00:00"). The
texts are joined by line feeds. A clinic without any has 64 zeros.

Sessions and tokens from before are deleted: they don't say what the new ones must. Everybody signs in again.
"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEALED = {
    "draft": {"document": sa.Text()},
    "issued_program": {
        "program_json": sa.Text(),
        "verdict_json": sa.Text(),
        "handout_json": sa.Text(),
        "pdf": sa.LargeBinary(),
    },
    "patient": {"name": sa.String(120), "identifier": sa.String(120), "birth_date": sa.String(10)},
    "screening": {"document": sa.Text()},
    "withdrawal": {"reason": sa.String(500)},
}
"""Table to columns, with what they were."""
NO_EVENTS = "0" * 64
OLD_ROLES = "role IN ('therapist', 'staff', 'administrator')"
ROLES = (
    "roles IN ('administrator', 'staff', 'therapist', 'administrator,staff', 'administrator,therapist', "
    "'staff,therapist', 'administrator,staff,therapist', 'auditor')"
)


class NotEmptyError(Exception):
    """The way back is for empty databases."""


def upgrade() -> None:
    thaw()
    forget_who_is_signed_in()
    alter_clinic()
    alter_user_account()
    alter_patient()
    seal_as_plain()
    alter_auth_session()
    alter_api_token()
    alter_audit_event()
    create_audit_head()
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
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM clinic")):
        raise NotEmptyError(
            "This database has clinics, and what is sealed can't become plain again: "
            "restore the backup from before the migration instead."
        )
    thaw()
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
        "audit_head",
    ):
        op.drop_table(table)
    restore_audit_event()
    restore_api_token()
    restore_auth_session()
    restore_sealed()
    restore_patient()
    restore_user_account()
    restore_clinic()


# ------------------------------------------------------------------ what the steps share


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


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def thaw() -> None:
    """Drop the triggers of the tables whose rows never change but here; env.py installs them again."""
    for table in ("issued_program", "withdrawal", "audit_event"):
        if is_postgresql():
            op.execute(f"DROP TRIGGER IF EXISTS {table}_is_frozen ON {table}")
            op.execute(f"DROP TRIGGER IF EXISTS {table}_is_not_truncated ON {table}")
        else:
            for act in ("update", "delete", "replace"):
                op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}")


def demand(table: str, *columns: str) -> None:
    """Let no row be without these: for columns that were added empty and then filled."""
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.alter_column(column, nullable=False)


# ------------------------------------------------------------------ altered tables


def forget_who_is_signed_in() -> None:
    op.execute("DELETE FROM auth_session")
    op.execute("DELETE FROM api_token")


def alter_clinic() -> None:
    with op.batch_alter_table("clinic") as batch:
        batch.add_column(sa.Column("requires_second_factor", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("restricts_access", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("sensitive", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("logo", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("logo_sha256", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE clinic SET requires_second_factor = NOT is_demonstration, restricts_access = false, sensitive = '', "
        "revision = 1"
    )
    demand("clinic", "requires_second_factor", "restricts_access", "sensitive", "revision")
    with op.batch_alter_table("clinic") as batch:
        batch.create_check_constraint(
            op.f("ck_clinic_sensitive"), "sensitive IN ('', 'identifier', 'name', 'identifier,name')"
        )
        batch.create_check_constraint(
            op.f("ck_clinic_requires_second_factor"), "is_demonstration OR requires_second_factor"
        )
        batch.create_check_constraint(op.f("ck_clinic_revision"), "revision >= 1")


def alter_user_account() -> None:
    with op.batch_alter_table("user_account") as batch:
        batch.drop_constraint(op.f("ck_user_account_role"), type_="check")
        batch.drop_constraint(op.f("uq_user_account_email"), type_="unique")
        batch.alter_column(
            "role", new_column_name="roles", existing_type=sa.String(20), type_=sa.String(60), existing_nullable=False
        )
        batch.alter_column("password_hash", existing_type=sa.String(length=255), nullable=True)
        batch.add_column(sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
        batch.add_column(instant("totp_confirmed_at", nullable=True))
        batch.add_column(sa.Column("totp_last_step", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("oidc_subject", sa.String(length=255), nullable=True))
    with op.batch_alter_table("user_account") as batch:
        batch.create_check_constraint(op.f("ck_user_account_roles"), ROLES)
        batch.create_unique_constraint(op.f("uq_user_account_clinic_id_email"), ["clinic_id", "email"])
        batch.create_unique_constraint(op.f("uq_user_account_clinic_id_oidc_subject"), ["clinic_id", "oidc_subject"])


def alter_patient() -> None:
    with op.batch_alter_table("patient") as batch:
        batch.add_column(sa.Column("identifier_index", sa.String(length=64), nullable=True))
        batch.alter_column("search_text", existing_type=sa.String(length=500), type_=sa.Text(), existing_nullable=False)
        batch.drop_constraint(op.f("uq_patient_clinic_id_identifier"), type_="unique")
        batch.create_unique_constraint(op.f("uq_patient_clinic_id_identifier_index"), ["clinic_id", "identifier_index"])


def seal_as_plain() -> None:
    """Keep each old value as octets, after the octet 0, which says that they are plain."""
    for table, columns in SEALED.items():
        with op.batch_alter_table(table) as batch:
            for name, old in columns.items():
                plain = name if isinstance(old, sa.LargeBinary) else f"convert_to({name}, 'UTF8')"
                batch.alter_column(
                    name,
                    existing_type=old,
                    type_=sa.LargeBinary(),
                    postgresql_using=rf"'\x00'::bytea || {plain}",
                )
        if not is_postgresql():
            filled = ", ".join(f"{name} = CAST(x'00' || {name} AS BLOB)" for name in columns)
            op.execute(f"UPDATE {table} SET {filled}")


def alter_auth_session() -> None:
    with op.batch_alter_table("auth_session") as batch:
        batch.add_column(sa.Column("browser", sa.String(length=80), nullable=False))
        batch.add_column(instant("second_factor_at", nullable=True))
        batch.add_column(instant("proved_at"))
        batch.add_column(sa.Column("challenge", sa.LargeBinary(), nullable=True))
        batch.add_column(instant("challenge_expires_at", nullable=True))


def alter_api_token() -> None:
    with op.batch_alter_table("api_token") as batch:
        batch.add_column(sa.Column("scopes", sa.String(length=200), nullable=False))


def alter_audit_event() -> None:
    with op.batch_alter_table("audit_event") as batch:
        batch.add_column(sa.Column("n", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("outcome", sa.String(length=10), nullable=True))
        batch.add_column(sa.Column("detail", sa.String(length=60), nullable=True))
        batch.alter_column(
            "actor_role",
            new_column_name="actor_roles",
            existing_type=sa.String(20),
            type_=sa.String(60),
            existing_nullable=False,
        )
        batch.add_column(sa.Column("request_id", sa.String(length=36), nullable=True))
        batch.add_column(sa.Column("ip", sa.String(length=45), nullable=True))
        batch.add_column(sa.Column("agent_sha256", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("pack_version", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("key_number", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("mac", sa.String(length=64), nullable=True))
    op.execute(
        "UPDATE audit_event SET n = numbered.n, outcome = 'done', key_number = 0, mac = '' FROM ("
        "SELECT id, row_number() OVER (PARTITION BY clinic_id ORDER BY at, id) AS n FROM audit_event"
        ") AS numbered WHERE audit_event.id = numbered.id"
    )
    demand("audit_event", "n", "outcome", "key_number", "mac")
    with op.batch_alter_table("audit_event") as batch:
        batch.create_unique_constraint(op.f("uq_audit_event_clinic_id_n"), ["clinic_id", "n"])
        batch.create_index(op.f("ix_audit_event_clinic_id_actor_id_at"), ["clinic_id", "actor_id", "at"], unique=False)


# ------------------------------------------------------------------ the end of each clinic's trail


def create_audit_head() -> None:
    head = op.create_table(
        "audit_head",
        sa.Column("clinic_id", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_audit_head_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_audit_head")),
    )
    for clinic_id in op.get_bind().scalars(sa.text("SELECT id FROM clinic")).all():
        n, mac = end_of_trail(clinic_id)
        op.execute(sa.insert(head).values(clinic_id=clinic_id, n=n, mac=mac))


AUDIT_EVENT = sa.table(
    "audit_event",
    sa.column("clinic_id", sa.String()),
    sa.column("n", sa.BigInteger()),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name, sa.String()) for name in ("action", "actor_id", "actor_roles", "object_id", "patient_id")),
)


def end_of_trail(clinic_id: str) -> tuple[int, str]:
    """How many old rows the clinic has, and what vouches for them."""
    columns = [column for column in AUDIT_EVENT.c if column.name != "clinic_id"]
    query = sa.select(*columns).where(AUDIT_EVENT.c.clinic_id == clinic_id).order_by(AUDIT_EVENT.c.n)
    n, hashed = 0, hashlib.sha256()
    for row in op.get_bind().execute(query):
        hashed.update((b"\n" if n else b"") + canonical(row))
        n = row.n
    return n, hashed.hexdigest() if n else NO_EVENTS


def canonical(row: "sa.Row[tuple[object, ...]]") -> bytes:
    n, at, *ids = row
    return json.dumps([n, in_utc(at), *ids], separators=(",", ":")).encode()


def in_utc(at: datetime) -> str:
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)  # SQLite keeps no zones
    return aware.isoformat(timespec="microseconds")


# ------------------------------------------------------------------ new tables


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


# ------------------------------------------------------------------ the way back, for empty tables


def restore_audit_event() -> None:
    with op.batch_alter_table("audit_event") as batch:
        batch.drop_index(op.f("ix_audit_event_clinic_id_actor_id_at"))
        batch.drop_constraint(op.f("uq_audit_event_clinic_id_n"), type_="unique")
        batch.alter_column(
            "actor_roles",
            new_column_name="actor_role",
            existing_type=sa.String(60),
            type_=sa.String(20),
            existing_nullable=False,
        )
        for name in ("mac", "key_number", "pack_version", "agent_sha256", "ip", "request_id", "detail", "outcome", "n"):
            batch.drop_column(name)


def restore_api_token() -> None:
    with op.batch_alter_table("api_token") as batch:
        batch.drop_column("scopes")


def restore_auth_session() -> None:
    with op.batch_alter_table("auth_session") as batch:
        for name in ("challenge_expires_at", "challenge", "proved_at", "second_factor_at", "browser"):
            batch.drop_column(name)


def restore_sealed() -> None:
    for table, columns in SEALED.items():
        with op.batch_alter_table(table) as batch:
            for name, old in columns.items():
                if not isinstance(old, sa.LargeBinary):
                    batch.alter_column(
                        name,
                        existing_type=sa.LargeBinary(),
                        type_=old,
                        postgresql_using=f"convert_from({name}, 'UTF8')",
                    )


def restore_patient() -> None:
    with op.batch_alter_table("patient") as batch:
        batch.drop_constraint(op.f("uq_patient_clinic_id_identifier_index"), type_="unique")
        batch.create_unique_constraint(op.f("uq_patient_clinic_id_identifier"), ["clinic_id", "identifier"])
        batch.alter_column("search_text", existing_type=sa.Text(), type_=sa.String(length=500), existing_nullable=False)
        batch.drop_column("identifier_index")


def restore_user_account() -> None:
    with op.batch_alter_table("user_account") as batch:
        batch.drop_constraint(op.f("ck_user_account_roles"), type_="check")
        batch.drop_constraint(op.f("uq_user_account_clinic_id_email"), type_="unique")
        batch.drop_constraint(op.f("uq_user_account_clinic_id_oidc_subject"), type_="unique")
        batch.alter_column(
            "roles", new_column_name="role", existing_type=sa.String(60), type_=sa.String(20), existing_nullable=False
        )
        batch.alter_column("password_hash", existing_type=sa.String(length=255), nullable=False)
        for name in ("oidc_subject", "totp_last_step", "totp_confirmed_at", "totp_secret"):
            batch.drop_column(name)
    with op.batch_alter_table("user_account") as batch:
        batch.create_check_constraint(op.f("ck_user_account_role"), OLD_ROLES)
        batch.create_unique_constraint(op.f("uq_user_account_email"), ["email"])


def restore_clinic() -> None:
    with op.batch_alter_table("clinic") as batch:
        for name in ("sensitive", "requires_second_factor", "revision"):
            batch.drop_constraint(op.f(f"ck_clinic_{name}"), type_="check")
    with op.batch_alter_table("clinic") as batch:
        for name in ("revision", "logo_sha256", "logo", "sensitive", "restricts_access", "requires_second_factor"):
            batch.drop_column(name)
