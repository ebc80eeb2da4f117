"""What patients told their therapist. A new screening is a new row; none is ever changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.models import Action, Patient, Screening, User
from app.services import audit
from app.services.catalogue import pack
from app.services.owned import fetch
from prescriptions import program_file
from prescriptions.errors import MalformedError
from prescriptions.program_schema import FORMAT


def latest(patient_id: str, *, by: User) -> Screening | None:
    """The patient's newest screening; None when there is none. Raises NotFoundError."""
    with unit_of_work(by.clinic_id) as session:
        return newest(session, fetch(session, Patient, patient_id, by=by))


def history(patient_id: str, *, by: User) -> Sequence[Screening]:
    """All screenings of the patient, newest first. Raises NotFoundError."""
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by)
        query = select(Screening).where(Screening.clinic_id == by.clinic_id, Screening.patient_id == patient.id)
        return session.scalars(query.order_by(Screening.recorded_at.desc(), Screening.id)).all()


def record(patient_id: str, *, document: Mapping[str, object], by: User, at: datetime) -> Screening:
    """Keep the ``screening`` object of a program file. Raises MalformedError by path."""
    kept = checked(document, by=by, at=at)
    with unit_of_work(by.clinic_id) as session:
        return append(session, fetch(session, Patient, patient_id, by=by, lock=True), document=kept, by=by, at=at)


def checked(document: object, *, by: User, at: datetime) -> dict[str, object]:
    """The document as it is kept. Raises MalformedError by path, also for a date in the clinic's future."""
    file = {"format": FORMAT, "items": [], "screening": document}
    kept: dict[str, object] = program_file.dump(program_file.read(file, pack()))["screening"]
    today = at.astimezone(ZoneInfo(by.clinic.time_zone)).date().isoformat()
    if str(kept["date"]) > today:
        raise MalformedError({"screening.date": ["Lies in the future."]})
    return kept


def news(document: object, known: Screening | None, *, by: User, at: datetime) -> list[dict[str, object]]:
    """What a program file's screening adds to the ``known`` newest one: nothing when it is the same.

    Raises MalformedError for an older one: what the patient said since must not be passed over.
    """
    kept = checked(document, by=by, at=at)
    if known is None or kept == known.document:
        return [] if known else [kept]
    if str(kept["date"]) < known.date:
        raise MalformedError({"screening.date": [f"A newer screening, of {known.date}, is recorded."]})
    return [kept]


def newest(session: Session, patient: Patient) -> Screening | None:
    """The newest screening, inside a caller's unit of work."""
    query = select(Screening).where(Screening.clinic_id == patient.clinic_id, Screening.patient_id == patient.id)
    return session.scalars(query.order_by(Screening.recorded_at.desc(), Screening.id).limit(1)).one_or_none()


def append(session: Session, patient: Patient, *, document: dict[str, object], by: User, at: datetime) -> Screening:
    """Write a checked document, inside a caller's unit of work."""
    screening = Screening(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        date=str(document["date"]),
        document=document,
        recorded_by_id=by.id,
        recorded_at=at,
    )
    session.add(screening)
    session.flush()
    session.refresh(screening)
    audit.record(session, Action.SCREENING_RECORDED, by=by, at=at, object_id=screening.id, patient_id=patient.id)
    return screening
