# ruff: noqa: INP001 - alembic loads this file by its path
"""Runs the migrations, as the owner, on the database of the settings or on the one that a caller names."""

import os
from typing import Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator, create_engine

from app.config import DATABASE_ROLE, owner_database_url
from app.database import engine_options, set_up
from app.models import Base
from app.models.triggers import install_triggers
from app.models.walls import install_walls, refuse_role


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write a column type of ours as what it is in the database: a migration must not change when our code does."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def run(connection: Connection) -> None:
    """Run what is asked in one transaction, and leave every trigger and wall in place.

    Both are about the newest tables: on the way, an older table may not have the columns they speak of.
    """
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,  # also on SQLite, which can when the driver is kept from meddling
    )
    with context.begin_transaction():
        refuse_role(connection, role)
        see_every_clinic(connection)
        context.run_migrations()
        if set(context.get_context().get_current_heads()) == set(context.script.get_heads()):
            install_triggers(connection)
            install_walls(connection, role)
        refuse_broken_references(connection)


def see_every_clinic(connection: Connection) -> None:
    """The walls of an earlier run bind the owner as well."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT set_config('holdwell.clinic', '*', true)")


def refuse_broken_references(connection: Connection) -> None:
    """SQLite alters a table by making a new one and dropping the old. With foreign keys on, that would delete the child
    rows without a word; so they are off while migrating, and what they would have found is asked for here.
    """  # noqa: D205 - one thought
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"The migration broke {len(broken)} references, the first in table {broken[0][0]}.")


given = context.config.attributes
url = given.get("database_url") or owner_database_url(os.environ)
role = given.get("database_role") or os.environ.get("HOLDWELL_DATABASE_ROLE", DATABASE_ROLE)
engine = create_engine(url, **engine_options(url))
set_up(engine, foreign_keys=False)
try:
    with engine.connect() as connection:
        run(connection)
finally:
    engine.dispose()
