"""The walls, part one: roles, what clinics choose, and sealed columns. Triggers are installed by env.py.

What was stored so far stays readable: a sealed column keeps it as the octet 0 and the plain octets. Sessions and tokens
from before are deleted: they don't say what the new ones must. Everybody signs in again.
"""

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


def downgrade() -> None:
    refuse_unless_empty()
    thaw()
    restore_api_token()
    restore_auth_session()
    restore_sealed()
    restore_patient()
    restore_user_account()
    restore_clinic()


def refuse_unless_empty() -> None:
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM clinic")):
        raise NotEmptyError(
            "This database has clinics, and what is sealed can't become plain again: "
            "restore the backup from before the migration instead."
        )


def instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def thaw() -> None:
    """Drop the triggers of the tables whose rows never change but here; env.py installs them again."""
    for table in ("issued_program", "withdrawal"):
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
