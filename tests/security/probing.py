"""Two clinics side by side, for the probes of the wall between them."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from types import SimpleNamespace

import psycopg
from sqlalchemy import make_url, select
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.orm import Session

from app.clock import now
from app.database import db, unit_of_work
from app.models import Draft, Patient, RecoveryCode, User
from app.models.base import new_id
from app.scope import NoClinicError
from tests.builders import a_draft, a_screened_patient
from tests.databases import SERVER
from tests.records import stored

HELD = (NoClinicError, DBAPIError, InvalidRequestError)
"""How a probe may be refused; anything else is a fault of the probe."""


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


def two_clinics(url, somebody, somebody_else):
    """Rows of both clinics. The draft of the first points at somebody of the other, which should never happen."""
    ours, theirs = rows_of(somebody), rows_of(somebody_else)
    db.session.remove()
    point_elsewhere(url, ours.draft_id, theirs.user_id)
    return SimpleNamespace(ours=ours, theirs=theirs)


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
