"""The walls, part two: the chained audit trail. Triggers are installed by env.py.

Rows from before the chain get a number each and no code. ``audit_head.mac`` vouches for them: it is the SHA-256, in
hexadecimal, of all of a clinic's old rows in the order of their numbers. A row's text is the JSON array

    [n, at, action, actor_id, actor_roles, object_id, patient_id]

without spaces and in ASCII, "at" being ISO 8601 in UTC with microseconds ("2026-11-23T08:00:00.000000+00:00"). The
texts are joined by line feeds. A clinic without any has 64 zeros.
"""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NO_EVENTS = "0" * 64
AUDIT_EVENT = sa.table(
    "audit_event",
    sa.column("clinic_id", sa.String()),
    sa.column("n", sa.BigInteger()),
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name, sa.String()) for name in ("action", "actor_id", "actor_roles", "object_id", "patient_id")),
)


def upgrade() -> None:
    thaw()
    alter_audit_event()
    create_audit_head()


def downgrade() -> None:
    thaw()
    op.drop_table("audit_head")
    restore_audit_event()


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def thaw() -> None:
    """Drop the triggers of the trail, which changes here and nowhere else; env.py installs them again."""
    for name in ("is_frozen", "is_not_truncated") if is_postgresql() else ("no_update", "no_delete", "no_replace"):
        of_table = " ON audit_event" if is_postgresql() else ""
        op.execute(f"DROP TRIGGER IF EXISTS audit_event_{name}{of_table}")


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
    with op.batch_alter_table("audit_event") as batch:
        for name in ("n", "outcome", "key_number", "mac"):
            batch.alter_column(name, nullable=False)
        batch.create_unique_constraint(op.f("uq_audit_event_clinic_id_n"), ["clinic_id", "n"])
        batch.create_index(op.f("ix_audit_event_clinic_id_actor_id_at"), ["clinic_id", "actor_id", "at"], unique=False)


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
