"""The one unfinished program of a patient. Nothing typed is refused; ``examine`` says what is wrong with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, StaleError
from app.models import Action, Draft, IssuedProgram, Patient, User
from app.services import audit, screenings
from app.services.catalogue import pack
from app.services.documents import next_version, program_data, typed
from app.services.owned import fetch
from prescriptions import program_file
from prescriptions.check import Verdict, check
from prescriptions.errors import MalformedError
from prescriptions.program import Program

LARGEST = 256 * 1024
RESERVED = {"format", "patient", "screening"}
"""Keys that come from the patient's record and never from a draft."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What the check says of something unfinished: either it has errors, or it is a program with a verdict."""

    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verdict: Verdict | None = None
    program: Program | None = None


def of_patient(patient_id: str, *, by: User) -> Draft | None:
    """The patient's draft, if there is one. Raises NotFoundError for the patient."""
    with unit_of_work(by.clinic_id) as session:
        return unfinished(session, fetch(session, Patient, patient_id, by=by))


def get(draft_id: str, *, by: User) -> Draft:
    """The draft, for an act that leaves an event of its own. Raises NotFoundError."""
    with unit_of_work(by.clinic_id) as session:
        return fetch(session, Draft, draft_id, by=by)


def start(
    patient_id: str,
    *,
    from_program: str | None,
    opening: Mapping[str, object] | None = None,
    by: User,
    at: datetime,
) -> Draft:
    """Begin a program with what ``opening`` says, or with the id ``from_program`` its next version.

    Raises ConflictError when the patient has a draft already, or that program is not the newest version.
    """
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by, lock=True)
        existing = unfinished(session, patient)
        if existing is not None:
            raise ConflictError(
                f"{patient.name} has a draft already, last saved by {existing.updated_by.name}. "
                "Go on with it, or discard it first."
            )
        base = None if from_program is None else _base(session, patient, from_program, by=by)
        draft = Draft(
            clinic_id=patient.clinic_id,
            patient_id=patient.id,
            supersedes_id=base.id if base else None,
            document=next_version(base.program_file) if base else dict(opening or {}),
            revision=1,
            created_at=at,
            updated_at=at,
            updated_by_id=by.id,
        )
        session.add(draft)
        session.flush()
        session.refresh(draft)
        audit.record(session, Action.DRAFT_STARTED, by=by, at=at, object_id=draft.id, patient_id=patient.id)
    return draft


def save(draft_id: str, *, document: Mapping[str, object], revision: int, by: User, at: datetime) -> Draft:
    """Keep what was typed. Raises StaleError, with the other's document, when somebody saved after ``revision``."""
    _refuse_shapeless(document)
    with unit_of_work(by.clinic_id) as session:
        draft = locked(session, draft_id, revision=revision, by=by)
        draft.document = dict(document)
        draft.revision = revision + 1
        draft.updated_at, draft.updated_by_id = at, by.id
        audit.record(session, Action.DRAFT_SAVED, by=by, at=at, object_id=draft.id, patient_id=draft.patient_id)
        session.flush()
        session.refresh(draft, ["updated_by"])
    return draft


def discard(draft_id: str, *, revision: int, by: User, at: datetime) -> None:
    """Throw the draft away. Raises StaleError when somebody saved after ``revision``."""
    with unit_of_work(by.clinic_id) as session:
        draft = locked(session, draft_id, revision=revision, by=by)
        remove(session, draft)
        audit.record(session, Action.DRAFT_DISCARDED, by=by, at=at, object_id=draft.id, patient_id=draft.patient_id)


def remove(session: Session, draft: Draft) -> None:
    """Delete the draft, inside a caller's unit of work. Whoever holds it can still read it, also when that fails."""
    session.execute(delete(Draft).where(Draft.id == draft.id).execution_options(synchronize_session=False))


def examine(document: Mapping[str, object], *, patient_id: str, by: User) -> Examination:
    """Check what was typed with the patient's facts and newest screening as they are now. Raises NotFoundError."""
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by)
        screening = screenings.newest(session, patient)
    try:
        program = program_file.read(program_data(typed(document), patient, screening), pack())
    except MalformedError as error:
        return Examination(errors=error.errors)
    return Examination(verdict=check(program, pack()), program=program)


def locked(session: Session, draft_id: str, *, revision: int, by: User) -> Draft:
    """The draft, held until the unit of work ends. Raises NotFoundError, StaleError when ``revision`` is old."""
    draft = fetch(session, Draft, draft_id, by=by, lock=True)
    if draft.revision != revision:
        raise StaleError(current=draft.document, revision=draft.revision, by=draft.updated_by.name, at=draft.updated_at)
    return draft


def unfinished(session: Session, patient: Patient) -> Draft | None:
    """The patient's draft, inside a caller's unit of work."""
    query = select(Draft).where(Draft.clinic_id == patient.clinic_id, Draft.patient_id == patient.id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _base(session: Session, patient: Patient, program_id: str, *, by: User) -> IssuedProgram:
    program = fetch(session, IssuedProgram, program_id, by=by)
    newer = select(IssuedProgram.version).where(
        IssuedProgram.clinic_id == by.clinic_id, IssuedProgram.supersedes_id == program.id
    )
    version = session.scalars(newer).one_or_none()
    if program.patient_id != patient.id:
        raise ConflictError(f"{program.number} was made for another patient.")
    if version is not None:
        raise ConflictError(f"{program.number} has a version {version} already. Start from the newest one.")
    return program


def _refuse_shapeless(document: Mapping[str, object]) -> None:
    reserved = RESERVED & document.keys()
    if reserved:
        raise InvalidError({name: ["Comes from the patient's record."] for name in sorted(reserved)})
    if len(json.dumps(document)) > LARGEST:
        raise InvalidError({"document": ["This is more than a program can hold."]})
