"""The service stays closed on a database that is of another version, lacks its guards, or forgets."""

import pytest
from sqlalchemy import create_engine, event, make_url, text

from app import boot, create_app
from app.config import database_url
from tests.conftest import config_for, hang_up
from tests.databases import SERVER, SERVICE, owners, owners_engine

on_sqlite = pytest.mark.skipif(bool(SERVER), reason="about a database file")
on_postgresql = pytest.mark.skipif(not SERVER, reason="about a database server")


@pytest.fixture
def doubts(url):
    """What is doubted of the service on this database."""

    def doubted():
        app = create_app(config_for(url))
        with app.app_context():
            found = list(boot.doubts(app, config_for(url), {}))
            hang_up()
        return found

    return doubted


def change(url, *statements):
    engine = owners_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_without_its_triggers_nothing_is_served(url, doubts):
    on = "" if url.startswith("sqlite") else " ON issued_program"
    name = "issued_program_no_delete" if url.startswith("sqlite") else "issued_program_is_frozen"
    change(url, f"DROP TRIGGER {name}{on}")

    (found,) = doubts()

    assert f"The trigger {name} is missing or was changed" in found


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "The database is older than this version"),
        ("DELETE FROM alembic_version", "The database is older than this version"),
        ("DROP TABLE alembic_version", "The database is older than this version"),
        ("UPDATE alembic_version SET version_num = '9999'", "The database was made by another version"),
    ],
)
def test_a_database_of_another_version_is_not_served(url, doubts, statement, sentence):
    change(url, statement)

    assert doubts()[0].startswith(sentence)


@on_sqlite
@pytest.mark.parametrize(
    ("pragma", "sentence"),
    [
        ("synchronous=1", "SQLite has synchronous at 1 where it has to be 2: a power cut"),
        ("foreign_keys=0", "SQLite has foreign_keys at 0 where it has to be 1: references"),
        ("recursive_triggers=0", "SQLite has recursive_triggers at 0 where it has to be 1: issued programs"),
        ("journal_mode=delete", "SQLite has journal_mode at delete where it has to be wal"),
    ],
)
def test_a_database_that_forgets_or_forgives_is_not_served(url, pragma, sentence):
    engine = owners_engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma}"))

    found = list(boot.of_database(engine, SERVICE))
    engine.dispose()

    assert [one for one in found if one.startswith(sentence)]


@on_sqlite
def test_a_file_that_is_no_database_is_not_served(tmp_path):
    path = tmp_path / "holdwell.db"
    path.write_bytes(b"not a database" * 100)
    engine = create_engine(f"sqlite:///{path}")

    (found,) = boot.of_database(engine, SERVICE)
    engine.dispose()

    assert found.startswith("The database can't be read (DatabaseError)")


@on_postgresql
@pytest.mark.parametrize(
    ("do", "undo", "sentence"),
    [
        ("ALTER ROLE {role} SUPERUSER", "ALTER ROLE {role} NOSUPERUSER", "is a superuser"),
        ("ALTER ROLE {role} BYPASSRLS", "ALTER ROLE {role} NOBYPASSRLS", "passes by row-level security"),
        ("ALTER TABLE draft OWNER TO {role}", "ALTER TABLE draft OWNER TO {owner}", "owns something"),
        ("ALTER TABLE patient DISABLE ROW LEVEL SECURITY", "SELECT 1", "Row-level security is off for patient"),
        ("ALTER TABLE patient NO FORCE ROW LEVEL SECURITY", "SELECT 1", "does not bind the owner of patient"),
        (
            "DROP POLICY patient_of_the_clinic ON patient",
            "SELECT 1",
            "policy patient_of_the_clinic of patient is missing",
        ),
    ],
)
def test_a_role_that_no_wall_holds_is_not_served(url, doubts, do, undo, sentence):
    address = make_url(database_url({"DATABASE_URL": SERVER})).set(database=make_url(url).database)
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    names = {"role": SERVICE, "owner": "holdwell_owner"}
    with engine.connect() as connection:
        connection.execute(text(do.format(**names)))
        found = doubts()
        connection.execute(text(undo.format(**names)))
    engine.dispose()

    assert [one for one in found if sentence in one]


@on_postgresql
def test_the_owner_of_the_database_does_not_serve(url):
    engine = create_engine(owners(url))

    found = list(boot.of_database(engine, SERVICE))
    engine.dispose()

    assert found[0].startswith("The service signs in to the database as holdwell_owner, not as holdwell_app")
