"""What was issued, withdrawn or noted can't be changed, deleted or replaced, whatever the statement."""

import sqlite3

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from app.clock import now
from app.database import db
from app.models.triggers import frozen_tables, install_triggers, missing_triggers
from app.services import programs
from tests.builders import an_issued_program
from tests.databases import SERVER, migrate, owners_engine

TABLES = [table.name for table in frozen_tables()]

ON_BOTH = {
    "update": "UPDATE {table} SET clinic_id = clinic_id",
    "update of the id": "UPDATE {table} SET id = 'another'",
    "delete": "DELETE FROM {table}",
    "upsert": "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT (id) DO UPDATE SET clinic_id = 'x'",
}
ON_SQLITE = {
    "replace": "REPLACE INTO {table} SELECT * FROM {table}",
    "insert or replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "update or replace": "UPDATE OR REPLACE {table} SET id = (SELECT min(id) FROM {table})",
    "upsert that does nothing": "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT DO NOTHING",
}
ON_POSTGRESQL = {
    "truncate": "TRUNCATE {table} CASCADE",
    "merge": "MERGE INTO {table} AS t USING {table} AS s ON t.id = s.id WHEN MATCHED THEN DELETE",
}
ATTACKS = ON_BOTH | (ON_POSTGRESQL if SERVER else ON_SQLITE)


@pytest.fixture
def connection(app, alma):
    """A raw connection, beside the wall, to a database in which each frozen table has rows."""
    with app.app_context():
        first = an_issued_program(alma)
        second = an_issued_program(alma, patient=first.patient, from_program=first.id)
        programs.withdraw(second.id, reason="Printed for the wrong leg.", by=alma, at=now())
    engine = owners_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_programs_withdrawals_and_the_trail_are_frozen():
    assert sorted(TABLES) == ["audit_event", "issued_program", "withdrawal"]


def rows(connection, table):
    found = connection.execute(text(f"SELECT * FROM {table} ORDER BY id")).all()  # noqa: S608 - a table of ours
    connection.rollback()
    return found


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("table", TABLES)
def test_no_statement_alters_what_is_frozen(connection, table, attack):
    before = rows(connection, table)

    with pytest.raises(DatabaseError, match="append-only"):
        connection.execute(text(ATTACKS[attack].format(table=table)))
    connection.rollback()

    assert before
    assert rows(connection, table) == before


@pytest.fixture
def bare(tmp_path):
    """A migrated SQLite file with a row in each frozen table, opened as any tool would: without one of our pragmas."""
    migrate(f"sqlite:///{tmp_path / 'bare.db'}")
    connection = sqlite3.connect(tmp_path / "bare.db", isolation_level=None)
    for table in frozen_tables():
        values = ["1" if column.name == "version" else "x" * 64 for column in table.columns]
        values = [
            None if column.name == "supersedes_id" else value
            for column, value in zip(table.columns, values, strict=True)
        ]
        connection.execute(f"INSERT INTO {table.name} VALUES ({','.join('?' * len(values))})", values)  # noqa: S608 - a table of ours
    yield connection
    connection.close()


@pytest.mark.parametrize("attack", ON_BOTH | ON_SQLITE)
@pytest.mark.parametrize("table", TABLES)
def test_a_tool_without_our_settings_alters_nothing_either(bare, table, attack):
    before = bare.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - a table of ours

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        bare.execute((ON_BOTH | ON_SQLITE)[attack].format(table=table))

    assert len(before) == 1
    assert bare.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608 - a table of ours


@pytest.mark.parametrize("table", ["issued_program", "withdrawal"])
def test_no_row_is_replaced_through_another_key(bare, table):
    columns = [row[1] for row in bare.execute(f"PRAGMA table_info({table})")]
    values = ", ".join("'new'" if column == "id" else column for column in columns)

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        bare.execute(f"INSERT OR REPLACE INTO {table} SELECT {values} FROM {table}")  # noqa: S608 - a table of ours


@pytest.mark.usefixtures("app_context")
def test_every_trigger_is_there_after_migrating():
    with db.engine.connect() as connection:
        assert missing_triggers(connection) == []


@pytest.mark.usefixtures("app_context")
@pytest.mark.parametrize("table", TABLES)
def test_a_trigger_that_is_gone_is_named_and_can_be_put_back(app, table):
    drop = f"DROP TRIGGER {table}_is_frozen ON {table}" if SERVER else f"DROP TRIGGER {table}_no_delete"
    engine = owners_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.begin() as connection:
        connection.execute(text(drop))
        missing = missing_triggers(connection)
        install_triggers(connection)
        repaired = missing_triggers(connection)
    engine.dispose()

    assert (missing, repaired) == ([drop.split()[2]], [])


def test_a_trigger_that_does_nothing_is_found_on_sqlite(bare, tmp_path):
    bare.execute("DROP TRIGGER audit_event_no_delete")
    bare.execute("CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT 1; END")
    engine = create_engine(f"sqlite:///{tmp_path / 'bare.db'}")

    with engine.connect() as connection:
        found = missing_triggers(connection)
    engine.dispose()

    assert found == ["audit_event_no_delete"]
