"""Opening a record in an emergency: by a therapist outside the care team, with a reason, for an hour, never in secret.

The reason is sealed like everything else about the patient. An administrator takes note of each opening.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, MailError, NotFoundError
from app.models import Action, EmergencyAccess, Patient, Role, User
from app.services import audit, mail
from app.services.owned import Page, is_id, page_of
from app.services.reach import is_limited, open_until, within_reach
from app.services.words import text_problems, tidy

LENGTH = timedelta(minutes=60)
SHORTEST_REASON, LONGEST_REASON = 10, 500


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened record, as an administrator sees it: no name, for they see no patients."""

    access: EmergencyAccess
    who: str
    identifier: str
    """The record number; empty where there is none."""
    reviewed_by: str
    may_review: bool
    """Whether it waits for the one who looks. What they opened themselves does not, where somebody else can look."""


def whose(patient_id: str, *, by: User, at: datetime) -> Patient:
    """The patient whose record might be opened. Raises NotFoundError, ConflictError when it is open already."""
    with unit_of_work(by.clinic_id) as session:
        patient = _closed(session, patient_id, by=by)
        audit.record(session, Action.EMERGENCY_OFFERED, by=by, at=at, object_id=patient.id, patient_id=patient.id)
    return patient


def open_record(patient_id: str, *, reason: str, by: User, at: datetime) -> EmergencyAccess:
    """Let ``by`` in for an hour. Raises InvalidError by field, NotFoundError, ConflictError when it is open already."""
    reason = tidy(reason)
    problems = text_problems(reason, least=SHORTEST_REASON, most=LONGEST_REASON, missing="Say why it can't wait.")
    if problems:
        raise InvalidError({"reason": problems})
    with unit_of_work(by.clinic_id) as session:
        patient = _closed(session, patient_id, by=by)
        access = EmergencyAccess(
            clinic_id=by.clinic_id,
            patient_id=patient.id,
            user_id=by.id,
            opened_at=at,
            expires_at=at + LENGTH,
        )
        access.reason = reason
        session.add(access)
        session.flush()
        audit.record(session, Action.EMERGENCY_OPENED, by=by, at=at, object_id=access.id, patient_id=patient.id)
    return access


def until(patient_id: str, *, by: User) -> datetime | None:
    """Until when an emergency lets ``by`` into the record; None for those who need none."""
    if not is_limited(by):
        return None
    with unit_of_work(by.clinic_id) as session:
        return open_until(session, patient_id, by=by)


def unreviewed(*, by: User) -> int:
    """How many openings wait for an administrator to take note."""
    query = select(func.count()).select_from(EmergencyAccess)
    query = query.where(EmergencyAccess.clinic_id == by.clinic_id, EmergencyAccess.reviewed_at.is_(None))
    with unit_of_work(by.clinic_id) as session:
        return session.scalar(query) or 0


def openings(*, page: int, by: User, at: datetime) -> Page[Opened]:
    """All openings, newest first. It leaves a trace: reasons speak of patients."""
    query = (
        select(EmergencyAccess)
        .where(EmergencyAccess.clinic_id == by.clinic_id)
        .order_by(EmergencyAccess.opened_at.desc(), EmergencyAccess.id)
    )
    with unit_of_work(by.clinic_id) as session:
        audit.record(session, Action.EMERGENCIES_LISTED, by=by, at=at)
        found = page_of(session, query, page)
        return Page(_described(session, found.items, by=by), found.number, found.total)


def review(access_id: str, *, by: User, at: datetime) -> None:
    """Take note of an opening. Raises NotFoundError; ConflictError for one's own, where somebody else can."""
    with unit_of_work(by.clinic_id) as session:
        query = select(EmergencyAccess).where(
            EmergencyAccess.clinic_id == by.clinic_id, EmergencyAccess.id == access_id
        )
        access = session.scalars(query.with_for_update()).one_or_none() if is_id(access_id) else None
        if access is None:
            raise NotFoundError("emergency access")
        if access.reviewed_at is not None:
            raise ConflictError("Somebody has marked this as reviewed already.")
        if access.user_id == by.id and len(_administrators(session, by=by)) > 1:
            raise ConflictError("You have opened this record yourself. Ask another administrator to review it.")
        access.reviewed_at, access.reviewed_by_id = at, by.id
        audit.record(
            session, Action.EMERGENCY_REVIEWED, by=by, at=at, object_id=access.id, patient_id=access.patient_id
        )


def tell(*, by: User, at: datetime, link: str) -> None:
    """Write to the clinic's administrators, where mail is on. Their pages tell them too, so a mail may fail."""
    if not mail.is_on():
        return
    with unit_of_work(by.clinic_id) as session:
        found = _administrators(session, by=by)
    with suppress(MailError):  # the mail service has logged it; when one does not leave, none of them does
        for one in found:
            words = {"name": one.name, "who": by.name, "clinic": by.clinic.name, "link": link}
            mail.send(mail.Letter(one.email, "emergency", words), at=at)


def _administrators(session: Session, *, by: User) -> list[User]:
    query = select(User).where(User.clinic_id == by.clinic_id, User.disabled_at.is_(None)).order_by(User.id)
    return [user for user in session.scalars(query).all() if Role.ADMINISTRATOR in user.roles]


def _closed(session: Session, patient_id: str, *, by: User) -> Patient:
    """The patient, fetched past the care team: this is the door for those outside, and for nobody else."""
    query = select(Patient).where(Patient.clinic_id == by.clinic_id, Patient.id == patient_id).with_for_update()
    patient = session.scalars(query).one_or_none() if is_id(patient_id) else None
    if patient is None:
        raise NotFoundError("patient")
    if not is_limited(by) or session.scalar(select(within_reach(patient.id, by=by))):
        raise ConflictError("This record is open to you already.")
    return patient


def _described(session: Session, found: Sequence[EmergencyAccess], *, by: User) -> list[Opened]:
    people = {user.id: user.name for user in session.scalars(select(User).where(User.clinic_id == by.clinic_id)).all()}
    is_alone = len(_administrators(session, by=by)) == 1
    numbers = _record_numbers(session, [access.patient_id for access in found], by=by)
    return [
        Opened(
            access=access,
            who=people[access.user_id],
            identifier=numbers[access.patient_id] or "",
            reviewed_by=people.get(access.reviewed_by_id or "", ""),
            may_review=access.reviewed_at is None and (access.user_id != by.id or is_alone),
        )
        for access in found
    ]


def _record_numbers(session: Session, ids: Sequence[str], *, by: User) -> dict[str, str | None]:
    query = select(Patient).where(Patient.clinic_id == by.clinic_id, Patient.id.in_(ids))
    return {patient.id: patient.identifier for patient in session.scalars(query).all()}
