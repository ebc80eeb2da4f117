"""A clinic's name is its own affair; and what browsers are known by.

A name that could be taken told each clinic which other clinics there are. ``sign_in_name.devices_key`` is what a known
browser's cookie rests on; it is renewed to make strangers of them all.
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("clinic") as batch:
        batch.drop_constraint(op.f("uq_clinic_name"), type_="unique")
    with op.batch_alter_table("sign_in_name") as batch:
        batch.add_column(sa.Column("devices_key", sa.String(length=36), nullable=True))
    give_everybody_a_key()
    with op.batch_alter_table("sign_in_name") as batch:
        batch.alter_column("devices_key", existing_type=sa.String(36), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("sign_in_name") as batch:
        batch.drop_column("devices_key")
    with op.batch_alter_table("clinic") as batch:
        batch.create_unique_constraint(op.f("uq_clinic_name"), ["name"])


def give_everybody_a_key() -> None:
    connection = op.get_bind()
    update = sa.text("UPDATE sign_in_name SET devices_key = :key WHERE address_index = :index")
    for index in connection.scalars(sa.text("SELECT address_index FROM sign_in_name")).all():
        connection.execute(update, {"key": str(uuid.uuid4()), "index": index})
