"""Migrations: one line of them, equal to the models, and with rows in place."""

import io

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import IntegrityError

from app.clock import now
from app.config import ROOT
from app.database import db
from app.models import Base
from app.models.triggers import missing_triggers
from app.services import integrity, programs
from tests.builders import a_draft, a_screened_patient, an_issued_program
from tests.databases import empty_database, migrate, owners_engine, script_config


def counts(url):
    engine = owners_engine(url)
    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - our tables
            for name in Base.metadata.tables
        }
    engine.dispose()
    return found


def shape(url):
    """Every table as the database describes it."""
    engine = owners_engine(url)
    look = inspect(engine)
    found = {
        name: {
            "columns": sorted((one["name"], str(one["type"]), one["nullable"]) for one in look.get_columns(name)),
            "key": look.get_pk_constraint(name)["constrained_columns"],
            "references": sorted(
                (one["name"], one["constrained_columns"], one["referred_table"], one["referred_columns"])
                for one in look.get_foreign_keys(name)
            ),
            "unique": sorted((one["name"], one["column_names"]) for one in look.get_unique_constraints(name)),
            "indexes": sorted((one["name"], one["column_names"]) for one in look.get_indexes(name)),
            "checks": checks(look, name),
        }
        for name in look.get_table_names()
    }
    engine.dispose()
    return found


def checks(look, table):
    return sorted((one["name"], one["sqltext"]) for one in look.get_check_constraints(table))


@pytest.fixture
def empty(tmp_path, worker_id):
    """The address of a database without a table."""
    yield from empty_database(tmp_path, f"holdwell_{worker_id}_empty")


@pytest.fixture
def lived_in(app, alma, url):
    """A database with rows in the tables of daily work."""
    with app.app_context():
        first = an_issued_program(alma)
        second = an_issued_program(alma, patient=first.patient, from_program=first.id)
        programs.withdraw(second.id, reason="Printed for the wrong leg.", by=alma, at=now())
        a_draft(a_screened_patient(alma), alma)
        db.session.remove()
        db.engine.dispose()
    return url


def test_there_is_one_head(empty):
    assert len(ScriptDirectory.from_config(script_config(empty)).get_heads()) == 1


def test_the_models_say_what_the_migrations_do(empty):
    migrate(empty)
    config = script_config(empty)
    config.stdout = said = io.StringIO()

    command.check(config)

    assert "No new upgrade operations detected" in said.getvalue()


def test_every_check_of_the_models_stands_in_the_database(empty):
    """Alembic's own comparison passes over them."""
    migrate(empty)

    there = {name: [check for check, _ in table["checks"]] for name, table in shape(empty).items()}

    assert {name: there[name] for name in Base.metadata.tables} == {
        name: sorted(str(one.name) for one in table.constraints if isinstance(one, CheckConstraint))
        for name, table in Base.metadata.tables.items()
    }


def test_migrating_again_changes_nothing(lived_in):
    before = counts(lived_in)
    migrate(lived_in)

    assert counts(lived_in) == before


@pytest.mark.asvs("6.3.2")
def test_down_and_up_again_leaves_an_empty_sound_database(empty):
    migrate(empty)
    there = shape(empty)
    migrate(empty, "base")
    left = set(shape(empty)) - {"alembic_version"}
    migrate(empty)
    engine = owners_engine(empty)
    with engine.connect() as connection:
        missing = missing_triggers(connection)
    engine.dispose()

    assert (left, missing) == (set(), [])
    assert shape(empty) == there
    assert set(counts(empty).values()) == {0}


def test_one_step_back_is_what_was_there_before(empty):
    migrate(empty, "0001")
    before = shape(empty)
    migrate(empty)

    command.downgrade(script_config(empty), "0001")

    assert shape(empty) == before


def test_sealed_rows_are_not_taken_back(lived_in):
    before = counts(lived_in)

    with pytest.raises(Exception, match="restore the backup"):
        command.downgrade(script_config(lived_in), "0001")

    assert counts(lived_in) == before


def next_migration(url, folder, upgrade):
    """Alembic's settings with one more migration, which does ``upgrade``."""
    (folder / "9999_try.py").write_text(NEXT_MIGRATION + upgrade)
    config = script_config(url)
    config.set_main_option("version_locations", f"{ROOT / 'migrations' / 'versions'};{folder}")
    config.set_main_option("path_separator", ";")
    return config


def test_altering_a_parent_table_keeps_its_children_its_checks_and_its_triggers(app, lived_in, tmp_path):
    before, checked = counts(lived_in), {name: table["checks"] for name, table in shape(lived_in).items()}
    config = next_migration(lived_in, tmp_path, ALTER_PARENTS)

    command.upgrade(config, "9999")

    assert counts(lived_in) == before
    assert {name: table["checks"] for name, table in shape(lived_in).items()} == checked
    with app.app_context():
        assert list(integrity.problems()) == []


def test_a_migration_that_breaks_a_reference_is_undone(lived_in, tmp_path):
    before = counts(lived_in)
    config = next_migration(lived_in, tmp_path, BREAK_A_REFERENCE)

    with pytest.raises((RuntimeError, IntegrityError)):
        command.upgrade(config, "9999")

    assert counts(lived_in) == before


NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "0005", None, None
"""
ALTER_PARENTS = """
def upgrade():
    for table in ("patient", "issued_program", "user_account"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("tried", sa.String(), server_default="x"))
            batch.alter_column("tried", nullable=False)
"""
BREAK_A_REFERENCE = """
def upgrade():
    op.execute("DELETE FROM patient")
"""
