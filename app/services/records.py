"""What a page shows of a patient, read in one transaction that leaves one event: the page's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.models import Action, Draft, IssuedProgram, Patient, Screening, User
from app.services import audit, drafts, screenings
from app.services.catalogue import pack
from app.services.owned import PAGE_SIZE, fetch


@dataclass(frozen=True, slots=True)
class Record:
    """A patient with everything that is known of them."""

    patient: Patient
    programs: Sequence[IssuedProgram]
    """The newest issued ones, newest first."""
    has_more_programs: bool
    draft: Draft | None
    screening: Screening | None
    """The newest."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A draft with whom it is for."""

    draft: Draft
    patient: Patient
    screening: Screening | None
    """The newest."""
    base: IssuedProgram | None
    """The version that the draft will supersede."""


def view(patient_id: str, *, by: User, at: datetime) -> Record:
    """The patient's record, for somebody to look at. Raises NotFoundError, NotInCareError."""
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by)
        programs = _programs(session, patient)
        draft, screening = drafts.unfinished(session, patient), screenings.newest(session, patient)
        audit.record(session, Action.PATIENT_VIEWED, by=by, at=at, object_id=patient.id, patient_id=patient.id)
    return Record(patient, programs[:PAGE_SIZE], len(programs) > PAGE_SIZE, draft, screening)


def view_screening(patient_id: str, *, by: User, at: datetime) -> tuple[Patient, Screening | None]:
    """The patient with the newest screening, for somebody to look at. Raises NotFoundError, NotInCareError."""
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by)
        screening = screenings.newest(session, patient)
        seen = screening.id if screening else None
        audit.record(session, Action.SCREENING_VIEWED, by=by, at=at, object_id=seen, patient_id=patient.id)
    return patient, screening


def view_desk(draft_id: str, *, by: User, at: datetime) -> Desk:
    """The draft and what it rests on, for somebody to look at. Raises NotFoundError, NotInCareError."""
    with unit_of_work(by.clinic_id) as session:
        desk = _desk(session, draft_id, by=by)
        audit.record(
            session,
            Action.DRAFT_VIEWED,
            by=by,
            at=at,
            object_id=desk.draft.id,
            patient_id=desk.patient.id,
            pack_version=pack().version,
        )
    return desk


def desk(draft_id: str, *, by: User) -> Desk:
    """The same for an act that leaves an event of its own. Who shows it to somebody calls ``view_desk``."""
    with unit_of_work(by.clinic_id) as session:
        return _desk(session, draft_id, by=by)


def _desk(session: Session, draft_id: str, *, by: User) -> Desk:
    draft = fetch(session, Draft, draft_id, by=by)
    patient = fetch(session, Patient, draft.patient_id, by=by)
    base = fetch(session, IssuedProgram, draft.supersedes_id, by=by) if draft.supersedes_id else None
    return Desk(draft, patient, screenings.newest(session, patient), base)


def _programs(session: Session, patient: Patient) -> Sequence[IssuedProgram]:
    query = select(IssuedProgram).where(
        IssuedProgram.clinic_id == patient.clinic_id, IssuedProgram.patient_id == patient.id
    )
    newest_first = query.order_by(IssuedProgram.issued_at.desc(), IssuedProgram.id).limit(PAGE_SIZE + 1)
    return session.scalars(newest_first.execution_options(populate_existing=True)).all()
