"""What a new version of the database needs beyond its tables: keys, sealed values, indexes of what was there before.

Called by ``flask migrate``, clinic by clinic. What is done already is left alone, so that it may be called again.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, lazyload, undefer

from app.database import unit_of_work
from app.models import DataKey, Patient, SignInName, User
from app.models.sealed import PLAIN, sealed_in
from app.models.sealed_tables import CHANGEABLE, SEALED_TABLES, Model
from app.models.triggers import FROZEN, install_triggers, remove_triggers
from app.scope import INSTALLATION
from app.services import keys, patients_index
from app.services.colleagues import has_joined
from app.services.integrity import clinic_ids
from app.services.people import address_index
from app.services.renewal import AT_ONCE


def after_migration(*, at: datetime) -> list[str]:
    """Bring what was stored before up to date. Returns what somebody has to see to, a sentence each."""
    found: list[str] = []
    for clinic_id in clinic_ids():
        _give_key(clinic_id, at=at)
        for model in CHANGEABLE:
            _seal(model, clinic_id)
        _name_people(clinic_id)
        found += _index_patients(clinic_id)
    _seal_frozen()
    return found


def _give_key(clinic_id: str, *, at: datetime) -> None:
    with unit_of_work(INSTALLATION) as session:
        if session.scalars(select(DataKey.id).where(DataKey.clinic_id == clinic_id).limit(1)).first() is None:
            keys.first_key(session, clinic_id, at=at)


def _seal(model: Model, clinic_id: str) -> None:
    found = AT_ONCE
    while found == AT_ONCE:
        with unit_of_work(clinic_id) as session:
            found = _adopt(session, model, clinic_id)


def _adopt(session: Session, model: Model, clinic_id: str) -> int:
    """Seal some rows that hold plain values; returns how many there were."""
    columns = [undefer(getattr(model, name)) for name in sealed_in(model)]
    query = select(model).where(model.clinic_id == clinic_id, _is_plain(model)).limit(AT_ONCE)
    rows = session.scalars(query.options(lazyload("*"), *columns).execution_options(populate_existing=True)).all()
    for row in rows:
        for attribute in sealed_in(model).values():
            attribute.adopt(row)
    session.flush()
    return len(rows)


def _is_plain(model: Model) -> ColumnElement[bool]:
    return or_(*(func.substr(getattr(model, name), 1, 1) == bytes([PLAIN]) for name in sealed_in(model)))


def _seal_frozen() -> None:
    """The one time that rows which never change are written again: with the triggers away, in one transaction."""
    frozen: list[Model] = [model for model in SEALED_TABLES if model in FROZEN]
    with unit_of_work(INSTALLATION) as session:
        plain = {
            model: session.scalars(select(model.clinic_id).where(_is_plain(model)).distinct()).all() for model in frozen
        }
        if not any(plain.values()):
            return
        for model, clinics in plain.items():
            remove_triggers(session.connection(), model.__table__)
            for clinic_id in clinics:
                keys.load(session, clinic_id)
                while _adopt(session, model, clinic_id):
                    session.expunge_all()  # handouts: a few in memory at a time
        install_triggers(session.connection())


def _name_people(clinic_id: str) -> None:
    """Let everybody who has joined find their way to their clinic at sign-in, unless their address leads elsewhere."""
    with unit_of_work(clinic_id) as session:
        known = select(SignInName.user_id).where(SignInName.clinic_id == clinic_id)
        query = select(User).where(User.clinic_id == clinic_id, User.id.not_in(known))
        for user in filter(has_joined, session.scalars(query).all()):
            index = address_index(user.email)
            if session.get(SignInName, index) is None:
                session.add(SignInName(address_index=index, clinic_id=clinic_id, user_id=user.id))


def _index_patients(clinic_id: str) -> list[str]:
    """Fill the index of record numbers. Two that differ in case or accents only could both be there so far."""
    with unit_of_work(clinic_id) as session:
        query = select(Patient).where(Patient.clinic_id == clinic_id).order_by(Patient.created_at, Patient.id)
        patients = session.scalars(query.execution_options(populate_existing=True)).all()
        taken = {patient.identifier_index for patient in patients} - {None}
        found = []
        for patient in patients:
            if patient.identifier is None or patient.identifier_index is not None:
                continue
            index = patients_index.identifier_index(patient.identifier, clinic_id=clinic_id)
            if index in taken:
                found.append(
                    f"Patient {patient.id} has a record number that another patient of the clinic has, but for capital "
                    "letters or accents. Correct one of them."
                )
                continue
            taken.add(index)
            patient.identifier_index = index
        return found
