"""Patients of a clinic: find, add, edit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import InvalidError, StaleError
from app.models import Action, Patient, User
from app.services import audit, care_team, patients_index
from app.services.owned import Page, fetch, page_of
from app.services.words import every_word, iso_date, search_problems, text_problems, tidy

LONGEST = 120
EARLIEST_BIRTH = "1890-01-01"
_TAKEN = {"identifier": ["Another patient of your clinic has this record number."]}


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """What is typed about a patient. Empty means not given."""

    name: str
    identifier: str = ""
    birth_date: str = ""
    """ISO date."""


def search(*, text: str, page: int, by: User, at: datetime) -> Page[Patient]:
    """Patients in whose name or identifier every word of ``text`` stands, by name; newest first where names are sealed.

    Who is outside a patient's care team finds them too: in an emergency there must be a way. Raises InvalidError.
    """
    check(text)
    also = patients_index.other_words(by.clinic)
    query = (
        select(Patient)
        .where(Patient.clinic_id == by.clinic_id, *every_word(text, Patient.search_text, also=also))
        .order_by(Patient.sort_text, Patient.created_at.desc(), Patient.id)
    )
    with unit_of_work(by.clinic_id) as session:
        audit.record(session, Action.PATIENTS_SEARCHED, by=by, at=at)
        return page_of(session, query, page)


def check(text: str) -> None:
    """Raises InvalidError where nobody could be found by ``text``: it holds what is in no name."""
    if problems := search_problems(text):
        raise InvalidError({"text": problems})


def get(patient_id: str, *, by: User, at: datetime) -> Patient:
    """The patient, for somebody to look at: it leaves a trace. Raises NotFoundError."""
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by)
        audit.record(session, Action.PATIENT_VIEWED, by=by, at=at, object_id=patient.id, patient_id=patient.id)
    return patient


def add(*, facts: PatientFacts, by: User, at: datetime) -> Patient:
    """A new patient. Raises InvalidError by field."""
    facts = _checked(facts, today=at.astimezone(ZoneInfo(by.clinic.time_zone)).date())
    patient = Patient(clinic_id=by.clinic_id, created_at=at)
    with _refusing_doubles(), unit_of_work(by.clinic_id) as session:
        _refuse_taken(session, facts, by=by, but=None)
        _write(session, patient, facts, at=at)
        session.add(patient)
        session.flush()
        joined = care_team.join(session, patient.id, by=by, at=at)
        audit.record(
            session,
            Action.PATIENT_ADDED,
            by=by,
            at=at,
            object_id=patient.id,
            patient_id=patient.id,
            detail=joined,
        )
    return patient


def edit(patient_id: str, *, facts: PatientFacts, revision: int, by: User, at: datetime) -> Patient:
    """Correct a patient. Raises InvalidError by field, StaleError when somebody saved after ``revision``."""
    facts = _checked(facts, today=at.astimezone(ZoneInfo(by.clinic.time_zone)).date())
    with _refusing_doubles(), unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by, lock=True)
        if patient.revision != revision:
            raise StaleError(current=_current(patient), revision=patient.revision, by=None, at=patient.updated_at)
        _refuse_taken(session, facts, by=by, but=patient.id)
        _write(session, patient, facts, at=at)
        patient.revision = revision + 1
        audit.record(session, Action.PATIENT_EDITED, by=by, at=at, object_id=patient.id, patient_id=patient.id)
    return patient


def _checked(facts: PatientFacts, *, today: date) -> PatientFacts:
    facts = PatientFacts(name=tidy(facts.name), identifier=tidy(facts.identifier), birth_date=tidy(facts.birth_date))
    errors = {
        "name": text_problems(facts.name, least=1, most=LONGEST, missing="Give the patient's name."),
        "identifier": text_problems(facts.identifier, most=LONGEST),
        "birth_date": _birth_date_problems(facts.birth_date, today),
    }
    if not facts.identifier and not facts.birth_date:
        errors["identifier"] = (
            "Give a record number or a date of birth: two patients of one name have to be told apart.",
        )
    found = {field: problems for field, problems in errors.items() if problems}
    if found:
        raise InvalidError(found)
    return facts


def _birth_date_problems(text: str, today: date) -> tuple[str, ...]:
    if not text:
        return ()
    born = iso_date(text)
    if born is None:
        return ("Give the date of birth as year, month, day: 1984-03-09.",)
    if born > today:
        return ("The date of birth lies in the future.",)
    if text < EARLIEST_BIRTH:
        return ("The date of birth lies too far back.",)
    return ()


def _refuse_taken(session: Session, facts: PatientFacts, *, by: User, but: str | None) -> None:
    if not facts.identifier:
        return
    index = patients_index.identifier_index(facts.identifier, clinic_id=by.clinic_id)
    taken = session.scalars(select(Patient.id).where(Patient.identifier_index == index)).one_or_none()
    if taken is not None and taken != but:
        raise InvalidError(_TAKEN)


@contextmanager
def _refusing_doubles() -> Iterator[None]:
    """For two people who add one record number in the same moment: only the database sees both."""
    try:
        yield
    except IntegrityError as error:
        raise InvalidError(_TAKEN) from error


def _write(session: Session, patient: Patient, facts: PatientFacts, *, at: datetime) -> None:
    patient.name = facts.name
    patient.identifier = facts.identifier or None
    patient.birth_date = facts.birth_date or None
    patient.updated_at = at
    patients_index.write(session, patient)


def _current(patient: Patient) -> dict[str, object]:
    return {
        "name": patient.name,
        "identifier": patient.identifier or "",
        "birth_date": patient.birth_date or "",
    }
