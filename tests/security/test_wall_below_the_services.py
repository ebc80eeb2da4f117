"""Whatever a service might ask for, it reads and changes rows of its own clinic only.

Each probe is a statement that asks for a row of another clinic. First it is shown that the probe works: in the scope of
the whole installation it reads or changes that row. Then it is tried in the clinic next door, where being refused is as
good as finding nothing.
"""
# ruff: noqa: ARG001 - all probes are called alike

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import delete, event, exists, func, insert, make_url, select, text, union, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError, SAWarning
from sqlalchemy.orm import Session, aliased, joinedload, lazyload, make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError

from app.clock import now
from app.database import db, unit_of_work
from app.models import Draft, Patient, RecoveryCode, User
from app.models.base import new_id
from app.scope import INSTALLATION, SIGN_IN, NoClinicError, current
from app.wall import _narrow, _refuse_foreign_rows, _refuse_unbound
from tests.builders import a_draft, a_screened_patient
from tests.databases import SERVER
from tests.records import stored

HELD = (NoClinicError, DBAPIError, InvalidRequestError)
"""How a probe may be refused; anything else is a fault of the probe."""
PATIENT = Patient.__table__


@dataclass(frozen=True)
class Rows:
    """A patient, a draft and a user of one clinic."""

    clinic_id: str
    patient_id: str
    draft_id: str
    user_id: str


def rows_of(user):
    patient = a_screened_patient(user)
    return Rows(user.clinic_id, patient.id, a_draft(patient, user).id, user.id)


def point_elsewhere(url, draft_id, user_id):
    """Make a draft refer to a user of another clinic: no key of the database allows it, so they are put aside."""
    statement = "UPDATE draft SET updated_by_id = {0} WHERE id = {0}"
    if SERVER:
        database = make_url(SERVER).set(database=make_url(url).database)
        with psycopg.connect(database.render_as_string(hide_password=False)) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement.format("%s"), (user_id, draft_id))
    else:
        with closing(sqlite3.connect(make_url(url).database)) as connection, connection:
            connection.execute(statement.format("?"), (user_id, draft_id))


@pytest.fixture
def neighbours(app, app_context, url, alma, boris):
    """Rows of both clinics. Riverside's draft points at somebody of Lakeside, which should never happen."""
    ours, theirs = rows_of(alma), rows_of(boris)
    db.session.remove()
    point_elsewhere(url, ours.draft_id, theirs.user_id)
    return SimpleNamespace(ours=ours, theirs=theirs)


# ------------------------------------------------------------------ probes that read: each returns the ids it has seen

READING = {}
CHANGING = {}


def reading(probe):
    READING[probe.__name__] = probe
    return probe


def changing(probe):
    CHANGING[probe.__name__] = probe
    return probe


@reading
def select_of_the_entity(session, theirs, ours):
    return [row.id for row in session.scalars(select(Patient))]


@reading
def select_of_columns(session, theirs, ours):
    return session.scalars(select(Patient.id)).all()


@reading
def select_of_an_alias(session, theirs, ours):
    other = aliased(Patient)
    return session.scalars(select(other.id).where(other.id == theirs.patient_id)).all()


@reading
def count_of_the_entity(session, theirs, ours):
    query = select(func.count()).select_from(Patient).where(Patient.id == theirs.patient_id)
    return [theirs.patient_id] * session.scalar(query)


@reading
def count_of_a_column(session, theirs, ours):
    return [theirs.patient_id] * session.scalar(select(func.count(Patient.id)).where(Patient.id == theirs.patient_id))


@reading
def get_by_id(session, theirs, ours):
    found = session.get(Patient, theirs.patient_id)
    return [found.id] if found else []


@reading
def filter_by_id(session, theirs, ours):
    return [row.id for row in session.scalars(select(Patient).filter_by(id=theirs.patient_id))]


@reading
def whether_one_exists(session, theirs, ours):
    return [theirs.patient_id] * session.scalar(
        select(exists(select(Patient.id).where(Patient.id == theirs.patient_id)))
    )


@reading
def scalar_subquery(session, theirs, ours):
    return [session.scalar(select(select(Patient.id).where(Patient.id == theirs.patient_id).scalar_subquery()))]


@reading
def common_table_expression(session, theirs, ours):
    named = select(Patient.id).where(Patient.id == theirs.patient_id).cte("named")
    return session.scalars(select(named.c.id)).all()


@reading
def union_of_two(session, theirs, ours):
    one = select(Patient.id).where(Patient.id == theirs.patient_id)
    return session.scalars(union(one, one)).all()


@reading
def lazy_relation(session, theirs, ours):
    query = select(Draft).where(Draft.id == ours.draft_id).options(lazyload(Draft.updated_by))
    return [draft.updated_by and draft.updated_by.id for draft in session.scalars(query)]


@reading
def joined_relation(session, theirs, ours):
    query = select(Draft).where(Draft.id == ours.draft_id).options(joinedload(Draft.updated_by, innerjoin=True))
    return [draft.updated_by and draft.updated_by.id for draft in session.scalars(query)]


@reading
def select_of_the_table(session, theirs, ours):
    return session.scalars(select(PATIENT.c.id)).all()


@reading
def select_in_text(session, theirs, ours):
    return session.scalars(text("SELECT id FROM patient")).all()


@reading
def entity_from_a_statement(session, theirs, ours):
    return [row.id for row in session.scalars(select(Patient).from_statement(text("SELECT * FROM patient")))]


@reading
def select_on_the_connection(session, theirs, ours):
    return session.connection().execute(select(PATIENT.c.id)).scalars().all()


@reading
def get_of_what_was_read_before(session, theirs, ours):
    return get_by_id(session, theirs, ours)


@reading
def refresh_of_what_was_read_before(session, theirs, ours):
    session.add(session.info["read_before"])
    session.refresh(session.info["read_before"])
    return [theirs.patient_id]


# ------------------------------------------------------------------ beyond the list


@reading
def driver_s_own_sql(session, theirs, ours):
    return session.connection().exec_driver_sql("SELECT id FROM patient").scalars().all()


@reading
def quoted_and_shouted(session, theirs, ours):
    return session.scalars(
        text('SELECT id FROM main."patient"' if not SERVER else 'SELECT id FROM public."patient"')
    ).all()


@reading
def subquery_in_a_condition(session, theirs, ours):
    inner = select(PATIENT.c.id).where(PATIENT.c.id == theirs.patient_id)
    return session.scalars(select(Patient.id).where(Patient.id.in_(inner))).all()


@reading
def join_from_own_to_foreign(session, theirs, ours):
    query = select(User.id).join(Draft, Draft.updated_by_id == User.id).where(Draft.id == ours.draft_id)
    return session.scalars(query).all()


@reading
def expired_attribute_of_what_was_read_before(session, theirs, ours):
    row = session.info["read_before"]
    session.add(row)
    session.expire(row)
    return [row.id] if row.sort_text else []


@reading
def text_after_a_flush_of_ones_own(session, theirs, ours):
    session.add(a_code(ours))
    session.flush()
    return select_in_text(session, theirs, ours)


@reading
def text_after_a_flush_that_failed(session, theirs, ours):
    code = a_code(ours)
    session.add(code)
    session.flush()
    with suppress(IntegrityError), session.begin_nested():
        session.add(RecoveryCode(**code_values(ours) | {"code_sha256": code.code_sha256}))
    return select_in_text(session, theirs, ours)


@reading
def another_connection_of_the_engine(session, theirs, ours):
    session.rollback()  # SQLite has one writer
    with session.get_bind().connect() as connection:
        if SERVER and current() is INSTALLATION:
            connection.execute(text("SET LOCAL holdwell.clinic = '*'"))
        return connection.execute(select(PATIENT.c.id)).scalars().all()


# ------------------------------------------------------------------ probes that change


@changing
def orm_update(session, theirs, ours):
    session.execute(update(Patient).where(Patient.id == theirs.patient_id).values(sort_text="changed"))


@changing
def orm_delete(session, theirs, ours):
    session.execute(delete(Draft).where(Draft.id == theirs.draft_id))


@changing
def bulk_update_of_mappings(session, theirs, ours):
    session.bulk_update_mappings(Patient, [{"id": theirs.patient_id, "sort_text": "changed"}])


@changing
def insert_for_another_clinic(session, theirs, ours):
    session.add(a_code(theirs))


@changing
def merge_of_a_foreign_id(session, theirs, ours):
    session.merge(Patient(id=theirs.patient_id, sort_text="changed"))


@changing
def update_of_the_table(session, theirs, ours):
    session.execute(update(PATIENT).where(PATIENT.c.id == theirs.patient_id).values(sort_text="changed"))


@changing
def update_by_primary_keys(session, theirs, ours):
    session.execute(update(Patient), [{"id": theirs.patient_id, "sort_text": "changed"}])


@changing
def insert_into_the_table(session, theirs, ours):
    session.execute(insert(RecoveryCode.__table__).values(**code_values(theirs)))


@changing
def insert_of_many(session, theirs, ours):
    session.execute(insert(RecoveryCode), [code_values(theirs), code_values(theirs)])


@changing
def bulk_insert_of_mappings(session, theirs, ours):
    session.bulk_insert_mappings(RecoveryCode, [code_values(theirs)])


@changing
def bulk_save_of_objects(session, theirs, ours):
    session.bulk_save_objects([a_code(theirs)])


@changing
def edit_of_what_was_read_before(session, theirs, ours):
    row = session.info["read_before"]
    session.add(row)
    row.sort_text = "changed"


@changing
def delete_of_what_was_read_before(session, theirs, ours):
    session.delete(detached(Draft, theirs.draft_id, theirs.clinic_id))


@changing
def giving_away_a_row_of_ones_own(session, theirs, ours):
    code = a_code(ours)
    session.add(code)
    session.flush()
    code.clinic_id, code.user_id = theirs.clinic_id, theirs.user_id


@changing
def edit_of_a_row_that_claims_to_be_ours(session, theirs, ours):
    # In the whole installation it would move the row; here it must not even be found.
    row = detached(Patient, theirs.patient_id, clinic_id(session, theirs, ours))
    session.add(row)
    row.sort_text = "changed"


@changing
def delete_of_a_row_that_claims_to_be_ours(session, theirs, ours):
    session.delete(detached(Draft, theirs.draft_id, clinic_id(session, theirs, ours)))


def clinic_id(session, theirs, ours):
    return theirs.clinic_id if current() is INSTALLATION else ours.clinic_id


def detached(model, row_id, clinic_id):
    row = model(id=row_id, clinic_id=clinic_id)
    make_transient_to_detached(row)
    return row


def code_values(rows):
    hashed = new_id().replace("-", "") * 2
    return {
        "id": new_id(),
        "clinic_id": rows.clinic_id,
        "user_id": rows.user_id,
        "code_sha256": hashed,
        "created_at": now(),
    }


def a_code(rows):
    return RecoveryCode(**code_values(rows))


# ------------------------------------------------------------------ the tests


def snapshot(app, clinic):
    tables = (table.__table__ for table in (Patient, Draft, User, RecoveryCode))
    return [stored(app, select(table).where(table.c.clinic_id == clinic).order_by(table.c.id)) for table in tables]


def read_before(session: Session, theirs):
    """Another unit of work of the same session has read the row: it is in memory."""
    with unit_of_work(theirs.clinic_id) as other:
        assert other is session
        session.info["read_before"] = session.get(Patient, theirs.patient_id)


def done(session, probe, neighbours):
    probe(session, neighbours.theirs, neighbours.ours)
    session.flush()


def foreign(seen, rows):
    return {rows.patient_id, rows.draft_id, rows.user_id} & set(seen)


@pytest.mark.parametrize("name", READING)
def test_the_probe_reads_the_row_where_nothing_holds_it(neighbours, name):
    read_before(db.session(), neighbours.theirs)

    with unit_of_work(INSTALLATION) as session:
        seen = READING[name](session, neighbours.theirs, neighbours.ours)
        session.rollback()

    assert foreign(seen, neighbours.theirs)


@pytest.mark.parametrize("name", CHANGING)
def test_the_probe_changes_the_row_where_nothing_holds_it(app, neighbours, name):
    read_before(db.session(), neighbours.theirs)
    before = snapshot(app, neighbours.theirs.clinic_id)

    with unit_of_work(INSTALLATION) as session:
        CHANGING[name](session, neighbours.theirs, neighbours.ours)

    assert snapshot(app, neighbours.theirs.clinic_id) != before


@pytest.mark.parametrize("name", READING)
def test_no_statement_reads_a_row_of_another_clinic(neighbours, name):
    read_before(db.session(), neighbours.theirs)
    seen = []

    with suppress(*HELD), unit_of_work(neighbours.ours.clinic_id) as session:
        seen = READING[name](session, neighbours.theirs, neighbours.ours)
        session.rollback()

    assert foreign(seen, neighbours.theirs) == set()


@pytest.mark.parametrize("name", CHANGING)
def test_no_statement_changes_a_row_of_another_clinic(app, neighbours, name):
    read_before(db.session(), neighbours.theirs)
    before = snapshot(app, neighbours.theirs.clinic_id)

    with suppress(*HELD), unit_of_work(neighbours.ours.clinic_id) as session:
        CHANGING[name](session, neighbours.theirs, neighbours.ours)

    assert snapshot(app, neighbours.theirs.clinic_id) == before


@pytest.fixture
def row_level_security_alone(app_context):
    """Nothing between the services and PostgreSQL narrows or refuses anything."""
    if not SERVER:
        pytest.skip("SQLite has no row-level security.")
    guards = [
        (db.session, "do_orm_execute", _narrow),
        (db.session, "before_flush", _refuse_foreign_rows),
        (db.engine, "before_cursor_execute", _refuse_unbound),
    ]
    for guard in guards:
        event.remove(*guard)
    yield
    for guard in guards:
        event.listen(*guard)


@pytest.mark.parametrize("name", READING | CHANGING)
def test_postgresql_holds_every_probe_by_itself(app, neighbours, row_level_security_alone, name):
    read_before(db.session(), neighbours.theirs)
    before = snapshot(app, neighbours.theirs.clinic_id)
    seen = []

    # What is changed and not found is an error or a warning of the ORM.
    with suppress(*HELD, StaleDataError, SAWarning), unit_of_work(neighbours.ours.clinic_id) as session:
        seen = (READING | CHANGING)[name](session, neighbours.theirs, neighbours.ours) or []

    assert foreign(seen, neighbours.theirs) == set()
    assert snapshot(app, neighbours.theirs.clinic_id) == before


@pytest.mark.parametrize("name", READING | CHANGING)
def test_without_a_clinic_every_statement_is_an_error(app, neighbours, name):
    session = db.session()
    read_before(session, neighbours.theirs)
    session.expunge_all()
    before = snapshot(app, neighbours.theirs.clinic_id)

    with pytest.raises(NoClinicError):
        done(session, (READING | CHANGING)[name], neighbours)
    session.rollback()

    assert snapshot(app, neighbours.theirs.clinic_id) == before


@pytest.mark.parametrize("name", READING)
def test_a_sign_in_reads_nothing_before_it_knows_the_clinic(neighbours, name):
    read_before(db.session(), neighbours.theirs)
    seen = []

    with suppress(*HELD), unit_of_work(SIGN_IN) as session:
        seen = READING[name](session, neighbours.theirs, neighbours.ours)
        session.rollback()

    assert foreign(seen, neighbours.theirs) == set()


def test_a_unit_of_work_finds_nothing_that_another_clinic_s_has_read(neighbours):
    read_before(db.session(), neighbours.theirs)

    with unit_of_work(neighbours.ours.clinic_id) as session:
        assert list(session.identity_map.values()) == []
