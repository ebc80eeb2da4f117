"""Statements that change the rows of another clinic."""
# ruff: noqa: ARG001 - all probes are called alike

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import make_transient_to_detached

from app.models import Draft, Patient, RecoveryCode
from app.scope import INSTALLATION, current
from tests.security.probing import a_code, code_values

PATIENT = Patient.__table__
CHANGING = {}


def changing(probe):
    CHANGING[probe.__name__] = probe
    return probe


@changing
def orm_update(session, theirs, ours):
    session.execute(update(Patient).where(Patient.id == theirs.patient_id).values(sort_text="changed"))


@changing
def orm_delete(session, theirs, ours):
    session.execute(delete(Draft).where(Draft.id == theirs.draft_id))


@changing
def orm_update_that_mentions_ours(session, theirs, ours):
    query = update(Patient).where(Patient.id == theirs.patient_id, Patient.id != ours.clinic_id)
    session.execute(query.values(sort_text="changed"))


@changing
def orm_delete_that_mentions_ours(session, theirs, ours):
    session.execute(delete(Draft).where(Draft.id == theirs.draft_id, Draft.id != ours.clinic_id))


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
def insert_that_mentions_ours(session, theirs, ours):
    session.execute(insert(RecoveryCode.__table__).values(**code_values(theirs) | {"id": ours.clinic_id}))


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
