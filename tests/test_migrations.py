"""Migrations: one line of them, equal to the models, and back and forth with rows in place."""

import io

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from app.clock import now
from app.config import ROOT
from app.database import db
from app.models import Base
from app.models.triggers import missing_triggers
from app.services import integrity, programs
from tests.builders import a_draft, a_screened_patient, an_issued_program
from tests.conftest import migrate


def script_config(said=None):
    return AlembicConfig(toml_file=ROOT / "pyproject.toml", stdout=said or io.StringIO())


def counts(url):
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - our tables
            for name in Base.metadata.tables
        }
    engine.dispose()
    return found


@pytest.fixture
def lived_in(app, alma, url):
    """A database with rows in every table."""
    with app.app_context():
        first = an_issued_program(alma)
        second = an_issued_program(alma, patient=first.patient, from_program=first.id)
        programs.withdraw(second.id, reason="Printed for the wrong leg.", by=alma, at=now())
        a_draft(a_screened_patient(alma), alma)
        db.session.remove()
        db.engine.dispose()
    return url


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(script_config()).get_heads()) == 1


def test_the_models_say_what_the_migrations_do(url):
    said = io.StringIO()
    config = script_config(said)
    config.attributes["database_url"] = url

    command.check(config)

    assert "No new upgrade operations detected" in said.getvalue()


def test_migrating_again_changes_nothing(lived_in):
    before = counts(lived_in)
    migrate(lived_in)

    assert counts(lived_in) == before


def test_down_and_up_again_leaves_an_empty_sound_database(lived_in):
    migrate(lived_in, "base")
    engine = create_engine(lived_in)
    left = set(inspect(engine).get_table_names()) - {"alembic_version"}
    migrate(lived_in)
    with engine.connect() as connection:
        missing = missing_triggers(connection)
    engine.dispose()

    assert (left, missing) == (set(), [])
    assert set(counts(lived_in).values()) == {0}


def next_migration(url, folder, upgrade):
    """Alembic's settings with one more migration, which does ``upgrade``."""
    (folder / "9999_try.py").write_text(NEXT_MIGRATION + upgrade)
    config = script_config()
    config.attributes["database_url"] = url
    config.set_main_option("version_locations", f"{ROOT / 'migrations' / 'versions'};{folder}")
    config.set_main_option("path_separator", ";")
    return config


def test_altering_a_parent_table_keeps_its_children_and_its_triggers(app, lived_in, tmp_path):
    before = counts(lived_in)
    config = next_migration(lived_in, tmp_path, ALTER_PARENTS)

    command.upgrade(config, "9999")

    assert counts(lived_in) == before
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

revision, down_revision, branch_labels, depends_on = "9999", "0001", None, None
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
