"""Whoever grants more or tears a piece of the wall down is told of, and the next migration puts it up again."""

import pytest
from sqlalchemy import create_engine, make_url, text

from app import create_app
from app.config import database_url
from app.models import Base
from app.models.walls import WallsError, grants, install_walls, walled_tables
from app.models.walls_check import missing_walls
from app.services import integrity
from tests.builders import an_issued_program
from tests.conftest import config_for, hang_up
from tests.databases import OWNER, SERVER, SERVICE, migrate, owners, owners_engine

pytestmark = pytest.mark.skipif(not SERVER, reason="SQLite has no roles and no row-level security.")


@pytest.fixture
def owner(url):
    """A raw look as the owner, who sees all clinics."""
    engine = owners_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def administrator(url):
    """The server's superuser in that database. What is done is undone."""
    engine = create_engine(make_url(database_url({"DATABASE_URL": SERVER})).set(database=make_url(url).database))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_every_table_of_a_clinic_has_its_wall():
    assert set(walled_tables()) == set(Base.metadata.tables) - {"sign_in_name", "rate_counter"}


@pytest.mark.asvs("13.2.2")
def test_the_service_may_do_what_is_written_here_and_no_more(owner):
    """A snapshot: whoever grants more writes it down here, too."""
    append, row = {"INSERT", "SELECT"}, {"DELETE", "INSERT", "SELECT", "UPDATE"}
    query = "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'holdwell_app'"
    found = {}
    for table, privilege in owner.execute(text(query)):
        found.setdefault(table, set()).add(privilege)

    special = {
        "alembic_version": {"SELECT"},
        "audit_event": append,
        "audit_head": {"INSERT", "SELECT", "UPDATE"},
        "clinic": {"SELECT", "UPDATE"},
        "issued_program": append,
        "withdrawal": append,
    }
    assert found == dict.fromkeys(Base.metadata.tables, row) | special
    assert {table: set(acts) for table, acts in grants().items()} == found


@pytest.mark.usefixtures("app_context")
def test_the_walls_stand_after_a_migration(alma):
    an_issued_program(alma)

    assert list(integrity.problems()) == []


CHANGED = "The policy {} of patient is missing or was changed."
DAMAGE = {
    "ALTER TABLE patient DISABLE ROW LEVEL SECURITY": "Row-level security is off for patient.",
    "ALTER TABLE patient NO FORCE ROW LEVEL SECURITY": "Row-level security does not bind the owner of patient.",
    "DROP POLICY patient_of_the_clinic ON patient": CHANGED.format("patient_of_the_clinic"),
    "ALTER POLICY patient_of_the_clinic ON patient USING (true)": (CHANGED.format("patient_of_the_clinic")),
    "ALTER POLICY patient_of_the_clinic ON patient WITH CHECK (true)": (CHANGED.format("patient_of_the_clinic")),
    "ALTER POLICY patient_of_the_owner ON patient TO PUBLIC": (CHANGED.format("patient_of_the_owner")),
    "CREATE POLICY tried ON patient USING (true)": "The policy tried of patient is not ours.",
    "GRANT TRUNCATE ON patient TO holdwell_app": "The role holdwell_app may TRUNCATE patient.",
    "GRANT SELECT ON patient TO holdwell_app WITH GRANT OPTION": (
        "The role holdwell_app may let others SELECT patient."
    ),
    "GRANT UPDATE ON audit_event TO holdwell_app": "The role holdwell_app may UPDATE audit_event.",
    "GRANT UPDATE (mac) ON audit_event TO holdwell_app": "Rights on columns of audit_event were granted.",
    "GRANT SELECT ON patient TO PUBLIC": "Everybody may SELECT patient.",
    "REVOKE INSERT ON patient FROM holdwell_app": "The role holdwell_app may not INSERT patient.",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": "The role holdwell_app can make tables.",
    "GRANT EXECUTE ON FUNCTION holdwell_refuse() TO PUBLIC": (
        "The role holdwell_app may call holdwell_refuse, which is for triggers."
    ),
    "CREATE VIEW tried AS SELECT * FROM patient": "tried looks with its owner's eyes.",
    "CREATE FUNCTION tried() RETURNS void SECURITY DEFINER LANGUAGE sql AS ''": "tried looks with its owner's eyes.",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_was_torn_down_is_told_and_put_up_again(url, owner, damage):
    owner.execute(text(damage))
    told = missing_walls(owner, SERVICE)
    owner.commit()
    migrate(url)

    assert told == [DAMAGE[damage]]
    stays = [DAMAGE[damage]] if damage.startswith(("CREATE VIEW", "CREATE FUNCTION")) else []
    assert missing_walls(owner, SERVICE) == stays


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("SUPERUSER", "The role tried is a superuser."),
        ("BYPASSRLS", "The role tried passes by row-level security."),
        ("CREATEROLE", "The role tried can make roles."),
        ("IN ROLE pg_read_all_data", "The role tried is a member of pg_read_all_data."),
    ],
)
def test_a_role_that_may_too_much_is_told(administrator, damage, sentence):
    administrator.execute(text(f"CREATE ROLE tried {damage}"))

    assert sentence in missing_walls(administrator, "tried")


def test_a_role_that_owns_something_is_told(administrator):
    administrator.execute(text("CREATE ROLE tried"))
    administrator.execute(text("ALTER TABLE rate_counter OWNER TO tried"))

    assert "The role tried owns something; it must own nothing." in missing_walls(administrator, "tried")


def test_a_service_that_signs_in_as_the_owner_is_told(url):
    service = create_app(config_for(url, database_url=owners(url)))
    with service.app_context():
        found = list(integrity.problems())
        hang_up()

    assert f"The role {OWNER} owns something; it must own nothing." in found


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("nobody here", "The service has no role yet. Make it: CREATE ROLE \"nobody here\" LOGIN PASSWORD '...'"),
        (OWNER, f"The service signs in as {OWNER}: migrate as another role, which then owns the tables."),
        ("holdwell", "No wall holds this role. Take its rights away: ALTER ROLE holdwell NOSUPERUSER NOBYPASSRLS"),
    ],
)
def test_walls_are_put_up_only_for_a_role_that_they_hold(owner, role, sentence):
    with pytest.raises(WallsError) as refused:
        install_walls(owner, role)

    assert str(refused.value) == sentence


def test_installation_matters_need_the_owner_s_address(url):
    service = create_app(config_for(url, owner_database_url=""))

    result = service.test_cli_runner().invoke(args=["verify"])
    with service.app_context():
        hang_up()

    assert result.exit_code == 1
    assert "HOLDWELL_OWNER_DATABASE_URL must be set for what concerns the whole installation." in result.output
