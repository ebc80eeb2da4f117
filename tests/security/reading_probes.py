"""Statements that ask for the rows of another clinic. Each returns the ids that it has seen."""
# ruff: noqa: ARG001 - all probes are called alike

from contextlib import suppress

from sqlalchemy import exists, func, select, text, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload, lazyload, selectinload

from app.models import Draft, Patient, RecoveryCode, User
from app.scope import INSTALLATION, current
from tests.databases import SERVER
from tests.security.probing import a_code, code_values

PATIENT = Patient.__table__
READING = {}


def reading(probe):
    READING[probe.__name__] = probe
    return probe


@reading
def select_of_the_entity(session, theirs, ours):
    return [row.id for row in session.scalars(select(Patient))]


@reading
def select_that_mentions_ours(session, theirs, ours):
    return session.scalars(select(Patient.id).where(Patient.id != ours.clinic_id)).all()


@reading
def select_of_columns(session, theirs, ours):
    return session.scalars(select(Patient.id)).all()


@reading
def select_of_an_alias(session, theirs, ours):
    other = aliased(Patient)
    return session.scalars(select(other.id).where(other.id == theirs.patient_id)).all()


@reading
def alias_that_mentions_ours(session, theirs, ours):
    other = aliased(Patient)
    return session.scalars(select(other.id).where(other.id != ours.clinic_id)).all()


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
def relation_selected_on_its_own(session, theirs, ours):
    query = select(Draft).where(Draft.id == ours.draft_id).options(selectinload(Draft.updated_by))
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
