"""Whose records somebody reaches: in a clinic that restricts it, a therapist those of their own patients only.

Staff and auditors see the whole clinic by their role. An emergency opens one record for a short time.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import NotInCareError
from app.models import CareTeamMember, EmergencyAccess, Role, User

SEES_ALL = frozenset({Role.STAFF, Role.AUDITOR})


def is_limited(user: User) -> bool:
    """Whether somebody's way to a record leads through its care team."""
    return user.clinic.restricts_access and not user.roles & SEES_ALL


def within_reach(patient_id: InstrumentedAttribute[str] | str, *, by: User) -> ColumnElement[bool]:
    """For a statement: the row's patient is one whose record ``by`` may open now."""
    if not is_limited(by):
        return true()
    return or_(is_member(patient_id, by=by), has_emergency(patient_id, by=by))


def is_member(patient_id: InstrumentedAttribute[str] | str, *, by: User) -> ColumnElement[bool]:
    """For a statement: ``by`` is in the patient's care team."""
    return exists().where(
        CareTeamMember.clinic_id == by.clinic_id,
        CareTeamMember.patient_id == patient_id,
        CareTeamMember.user_id == by.id,
    )


def has_emergency(patient_id: InstrumentedAttribute[str] | str, *, by: User) -> ColumnElement[bool]:
    """For a statement: ``by`` has opened the record in an emergency, and the time is not over."""
    return exists().where(
        EmergencyAccess.clinic_id == by.clinic_id,
        EmergencyAccess.patient_id == patient_id,
        EmergencyAccess.user_id == by.id,
        # The database's clock: nobody who fetches a row can forget to say what time it is.
        EmergencyAccess.expires_at > func.current_timestamp(),
    )


def refuse_outsiders(session: Session, patient_id: str, *, by: User) -> None:
    """Raises NotInCareError."""
    if is_limited(by) and not session.scalar(select(within_reach(patient_id, by=by))):
        raise NotInCareError(patient_id)


def open_until(session: Session, patient_id: str, *, by: User) -> datetime | None:
    """Until when an emergency lets ``by`` in; None for members and others who need none, and when it is over."""
    if not is_limited(by):
        return None
    query = select(func.max(EmergencyAccess.expires_at)).where(
        and_(
            EmergencyAccess.clinic_id == by.clinic_id,
            EmergencyAccess.patient_id == patient_id,
            EmergencyAccess.user_id == by.id,
            EmergencyAccess.expires_at > func.current_timestamp(),
        ),
        ~is_member(patient_id, by=by),
    )
    return session.scalar(query)
