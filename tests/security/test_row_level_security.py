"""PostgreSQL holds the wall by itself: as the service's role, over a bare connection, with none of our code between."""

from types import SimpleNamespace

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url, select, text

from app.clock import now
from app.database import db, unit_of_work
from app.models import Patient
from app.models.base import new_id
from app.models.triggers import frozen_tables
from app.models.walls import walled_tables
from app.services import programs
from tests.builders import an_issued_program
from tests.databases import OWNER, SERVER, SERVICE

pytestmark = pytest.mark.skipif(not SERVER, reason="SQLite has no roles and no row-level security.")

NAME, UNSET = "SELECT set_config('holdwell.clinic', %s, true)", object()


def lived_in(user):
    program = an_issued_program(user)
    later = an_issued_program(user, patient=program.patient, from_program=program.id)
    programs.withdraw(later.id, reason="Printed for the wrong leg.", by=user, at=now())
    return SimpleNamespace(
        clinic_id=user.clinic_id, user_id=user.id, patient_id=program.patient_id, program_id=program.id
    )


@pytest.fixture
def neighbours(app_context, alma, boris):  # noqa: ARG001 - services need it
    """Issued, withdrawn and noted in Riverside and in Lakeside."""
    return SimpleNamespace(ours=lived_in(alma), theirs=lived_in(boris))


def connect(url, role):
    address = make_url(url).set(drivername="postgresql", username=role)
    return psycopg.connect(address.render_as_string(hide_password=False))


@pytest.fixture
def bare(url):
    """A connection as the service's role, and nothing else."""
    with connect(url, SERVICE) as connection:
        yield connection
        connection.rollback()


def clinics_seen(connection, table):
    column = sql.Identifier(walled_tables()[table])
    return {row[0] for row in connection.execute(sql.SQL("SELECT {} FROM {}").format(column, sql.Identifier(table)))}


FILLED = sorted(
    {"clinic", "user_account", "patient", "screening", "issued_program", "withdrawal", "audit_event", "audit_head"}
    | {"data_key"}
)


def test_a_transaction_sees_the_clinic_it_names(bare, neighbours):
    bare.execute(NAME, (neighbours.ours.clinic_id,))

    assert {table: clinics_seen(bare, table) for table in FILLED} == {
        table: {neighbours.ours.clinic_id} for table in FILLED
    }


@pytest.mark.parametrize(
    "named", [UNSET, "", "*", "%", new_id()], ids=["nothing", "empty", "star", "percent", "nobody"]
)
def test_a_transaction_that_names_no_clinic_sees_none(bare, neighbours, named):  # noqa: ARG001 - rows to be seen
    if named is not UNSET:
        bare.execute(NAME, (named,))

    assert [table for table in walled_tables() if clinics_seen(bare, table)] == []


def test_the_owner_is_bound_as_well_unless_it_asks_for_all(url, neighbours):
    both = {neighbours.ours.clinic_id, neighbours.theirs.clinic_id}

    with connect(url, OWNER) as connection:
        seen_at_first = [table for table in walled_tables() if clinics_seen(connection, table)]
        connection.execute(NAME, ("*",))
        seen_when_asked = {table: clinics_seen(connection, table) for table in FILLED}

    assert seen_at_first == []
    assert seen_when_asked == dict.fromkeys(FILLED, both)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO recovery_code VALUES ('x', %(clinic_id)s, %(user_id)s, 'x', now())",
        "UPDATE patient SET clinic_id = %(clinic_id)s",
    ],
)
def test_no_row_is_written_for_another_clinic(bare, neighbours, statement):
    bare.execute(NAME, (neighbours.ours.clinic_id,))

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        bare.execute(statement, vars(neighbours.theirs))


def test_no_row_of_another_clinic_is_changed(bare, neighbours):
    statements = [
        "UPDATE patient SET sort_text = 'changed' WHERE id = %(patient_id)s",
        "DELETE FROM screening WHERE patient_id = %(patient_id)s",
        "UPDATE clinic SET name = 'changed' WHERE id = %(clinic_id)s",
        "UPDATE audit_head SET n = 0 WHERE clinic_id = %(clinic_id)s",
    ]
    bare.execute(NAME, (neighbours.ours.clinic_id,))

    assert [bare.execute(statement, vars(neighbours.theirs)).rowcount for statement in statements] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT INTO screening (id, clinic_id, patient_id, date, document, recorded_by_id, recorded_at) "
            "VALUES ('x', %(clinic_id)s, %(their_patient_id)s, '2026-11-23', '', %(user_id)s, now())"
        ),
        (
            "INSERT INTO care_team_member (id, clinic_id, patient_id, user_id, added_by_id, added_at) "
            "VALUES ('x', %(clinic_id)s, %(patient_id)s, %(their_user_id)s, %(user_id)s, now())"
        ),
        (
            "INSERT INTO withdrawal (id, clinic_id, program_id, reason, withdrawn_by_id, withdrawn_at) "
            "VALUES ('x', %(clinic_id)s, %(their_program_id)s, '', %(user_id)s, now())"
        ),
        "UPDATE screening SET patient_id = %(their_patient_id)s",
    ],
    ids=["patient", "person", "program", "moved"],
)
def test_no_row_refers_to_another_clinic(bare, neighbours, statement):
    """References are checked beneath row-level security: without the clinic in them they would be accepted."""
    bare.execute(NAME, (neighbours.ours.clinic_id,))
    theirs = {f"their_{name}": value for name, value in vars(neighbours.theirs).items()}

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        bare.execute(statement, vars(neighbours.ours) | theirs)


FORBIDDEN = {
    "truncate": "TRUNCATE {table} CASCADE",
    "alter": "ALTER TABLE {table} ADD COLUMN tried text",
    "drop": "DROP TABLE {table} CASCADE",
    "rename": "ALTER TABLE {table} RENAME TO tried",
    "row-level security off": "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "owner let through": "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "another policy": "CREATE POLICY tried ON {table} USING (true)",
    "no policy": "DROP POLICY {table}_of_the_clinic ON {table}",
    "other owner": "ALTER TABLE {table} OWNER TO holdwell_app",
    "another trigger": "CREATE TRIGGER tried BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION holdwell_refuse()",
    "reference": "CREATE TABLE tried (id varchar REFERENCES {table} (id))",
    "index": "CREATE INDEX tried ON {table} (id)",
}
ON_FROZEN = {
    "update": "UPDATE {table} SET clinic_id = clinic_id",
    "update of the id": "UPDATE {table} SET id = 'another'",
    "delete": "DELETE FROM {table}",
    "upsert": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET clinic_id = 'x'",
    "merge": "MERGE INTO {table} AS t USING {table} AS s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "lock": "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    "triggers off": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "no trigger": "DROP TRIGGER {table}_is_frozen ON {table}",
}
ANYWHERE = {
    "bypass": "ALTER ROLE holdwell_app BYPASSRLS",
    "superuser": "ALTER ROLE holdwell_app SUPERUSER",
    "become the owner": "SET ROLE holdwell_owner",
    "sign in as the owner": "SET SESSION AUTHORIZATION holdwell_owner",
    "triggers aside": "SET session_replication_role = replica",
    "new table": "CREATE TABLE tried (id int)",
    "new view": "CREATE VIEW tried AS SELECT * FROM patient",
    "new function": "CREATE FUNCTION tried() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "other function": "CREATE OR REPLACE FUNCTION holdwell_refuse() RETURNS trigger LANGUAGE plpgsql AS ''",
    "no function": "DROP FUNCTION holdwell_refuse() CASCADE",
    "new schema": "CREATE SCHEMA tried",
    "no schema": "DROP SCHEMA public CASCADE",
    "system table": "UPDATE pg_class SET relrowsecurity = false",
    "passwords": "SELECT rolpassword FROM pg_authid",
    "a file read": "SELECT pg_read_file('/etc/hostname')",
    "a program run": "COPY patient TO PROGRAM 'true'",
    "another version": "UPDATE alembic_version SET version_num = '0001'",
    "new clinic": "INSERT INTO clinic SELECT * FROM clinic",
    "no clinic": "DELETE FROM clinic",
    "no end of the trail": "DELETE FROM audit_head",
}
ATTACKS = [
    *(
        (name, statement.format(table=table))
        for table in sorted(walled_tables())
        for name, statement in FORBIDDEN.items()
    ),
    *((name, statement.format(table=table.name)) for table in frozen_tables() for name, statement in ON_FROZEN.items()),
    *ANYWHERE.items(),
]


def test_the_service_can_do_nothing_to_the_tables_themselves(bare, neighbours):
    got_through = []
    for name, statement in ATTACKS:
        bare.execute(NAME, (neighbours.ours.clinic_id,))
        try:
            bare.execute(statement)
            got_through.append((name, statement))
        except psycopg.errors.InsufficientPrivilege:
            pass
        bare.rollback()

    assert got_through == []


def test_the_service_can_let_nobody_else_in(bare):
    bare.execute("GRANT SELECT ON patient TO PUBLIC")  # PostgreSQL warns, and does nothing

    others = "SELECT count(*) FROM pg_class, aclexplode(relacl) WHERE relname = 'patient' AND grantee = 0"
    assert bare.execute(others).fetchone() == (0,)


def test_one_pooled_connection_serves_one_clinic_after_the_other(neighbours):
    seen, backends = [], set()
    for rows in (neighbours.ours, neighbours.theirs, neighbours.ours):
        with unit_of_work(rows.clinic_id) as session:
            query = select(Patient.__table__.c.clinic_id).where(text(":named = :named")).params(named=rows.clinic_id)
            seen.append(set(session.connection().execute(query).scalars()))
            backends.add(session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    assert seen == [{rows.clinic_id} for rows in (neighbours.ours, neighbours.theirs, neighbours.ours)]
    assert len(backends) == 1


def test_the_name_of_a_clinic_ends_with_its_transaction(neighbours):
    with unit_of_work(neighbours.theirs.clinic_id):
        pass

    raw = db.engine.raw_connection()
    try:
        left = raw.cursor().execute("SELECT current_setting('holdwell.clinic', true)").fetchone()[0]
        rows = raw.cursor().execute("SELECT id FROM patient").fetchall()
    finally:
        raw.close()

    assert (left or "", rows) == ("", [])
