"""Triggers that keep issued programs, withdrawals and the audit trail as they were written, on both databases.

On SQLite, ``INSERT OR REPLACE`` deletes the old row, and unless the connection has set ``recursive_triggers`` no DELETE
trigger hears of it. Hence the third trigger there: an insert that meets an existing key is refused before it replaces.
Altering a table in batch mode drops its triggers, so ``migrations/env.py`` installs all of them after every run.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, PrimaryKeyConstraint, Table, UniqueConstraint, inspect, text

from app.models.audit import AuditEvent
from app.models.base import Base
from app.models.program import IssuedProgram, Withdrawal

FROZEN: tuple[type[Base], ...] = (IssuedProgram, Withdrawal, AuditEvent)


def install_triggers(connection: Connection) -> None:
    """Install, or install again, every trigger of the tables that exist."""
    existing = set(inspect(connection).get_table_names())
    if connection.dialect.name == "postgresql":
        connection.execute(text(_POSTGRESQL_FUNCTION))
    for table in frozen_tables():
        if table.name in existing:
            for statement in _statements(table, connection.dialect.name):
                connection.execute(text(statement))


def remove_triggers(connection: Connection, table: Table) -> None:
    """Let the table's rows be written again; whoever calls this installs the triggers before committing."""
    on = f" ON {table.name}" if connection.dialect.name == "postgresql" else ""
    triggers = _postgresql_triggers if on else _sqlite_triggers
    for name, _ in triggers(table):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))


def missing_triggers(connection: Connection) -> list[str]:
    """Names of the triggers that should be there and are not, or do not say what they should."""
    is_postgresql = connection.dialect.name == "postgresql"
    rows = connection.execute(text(_ENABLED_ON_POSTGRESQL if is_postgresql else _ON_SQLITE))
    said: dict[str, str] = {row.name: row.said for row in rows}
    triggers = _postgresql_triggers if is_postgresql else _sqlite_triggers
    return [name for table in frozen_tables() for name, wanted in triggers(table) if said.get(name) != wanted]


def frozen_tables() -> list[Table]:
    """The tables whose rows never change."""
    return [Base.metadata.tables[model.__tablename__] for model in FROZEN]


def _statements(table: Table, dialect: str) -> Iterator[str]:
    if dialect == "postgresql":
        yield from _postgresql_statements(table)
        return
    for name, sql in _sqlite_triggers(table):
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield sql


def _sqlite_triggers(table: Table) -> Iterator[tuple[str, str]]:
    refusal = f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
    for act in ("update", "delete"):
        name = f"{table.name}_no_{act}"
        yield name, f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table.name} {refusal}"
    keys = " OR ".join(f"({key})" for key in sorted(_keys(table)))
    name = f"{table.name}_no_replace"
    clash = f"EXISTS (SELECT 1 FROM {table.name} AS old WHERE {keys})"  # noqa: S608 - our own table and column names
    yield name, f"CREATE TRIGGER {name} BEFORE INSERT ON {table.name} WHEN {clash} {refusal}"


def _keys(table: Table) -> Iterator[str]:
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield " AND ".join(f"old.{column.name} = NEW.{column.name}" for column in constraint.columns)


_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION holdwell_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


_ON_SQLITE = "SELECT name, sql AS said FROM sqlite_master WHERE type = 'trigger'"
_ENABLED_ON_POSTGRESQL = """
SELECT tgname AS name, replace(pg_get_triggerdef(oid), 'public.', '') AS said
FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
"""


def _postgresql_triggers(table: Table) -> Iterator[tuple[str, str]]:
    for name, acts, level in (
        (f"{table.name}_is_frozen", "DELETE OR UPDATE", "ROW"),  # in PostgreSQL's own words and order
        (f"{table.name}_is_not_truncated", "TRUNCATE", "STATEMENT"),
    ):
        yield (
            name,
            f"CREATE TRIGGER {name} BEFORE {acts} ON {table.name} FOR EACH {level} EXECUTE FUNCTION holdwell_refuse()",
        )


def _postgresql_statements(table: Table) -> Iterator[str]:
    for name, sql in _postgresql_triggers(table):
        yield f"DROP TRIGGER IF EXISTS {name} ON {table.name}"
        yield sql
