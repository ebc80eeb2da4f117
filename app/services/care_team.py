"""Who looks after a patient. Where the clinic restricts access, the team decides whose records a therapist opens."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, NotInCareError
from app.models import Action, CareTeamMember, Patient, Role, User
from app.services import audit
from app.services.owned import fetch, is_id
from app.services.reach import is_limited, is_member, within_reach

CARES = frozenset({Role.THERAPIST, Role.STAFF})
JOINED = "joined_the_care_team"


@dataclass(frozen=True, slots=True)
class CareTeam:
    """A care team, as somebody sees it."""

    members: Sequence[User]
    """By name."""
    others: Sequence[User]
    """Who could join, by name. Nobody where the one who looks may not change the team."""
    may_change: bool
    needs_all: bool
    """Whether nobody may leave: of a team that alone opens the record, one stays."""

    @property
    def options(self) -> list[tuple[str, str]]:
        """Who could join, for a list to choose from: id and name."""
        return [(user.id, user.name) for user in self.others]


def view(patient_id: str, *, by: User) -> CareTeam:
    """The patient's care team. Raises NotFoundError, NotInCareError."""
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by)
        may_change = bool(by.roles & CARES) and not _is_guest(session, patient.id, by=by)
        query = select(CareTeamMember.user_id).where(
            CareTeamMember.clinic_id == by.clinic_id, CareTeamMember.patient_id == patient.id
        )
        ids = set(session.scalars(query).all())
        everybody = session.scalars(
            select(User).where(User.clinic_id == by.clinic_id).order_by(User.name, User.id)
        ).all()
    others = [user for user in everybody if user.id not in ids and _may_join(user)] if may_change else []
    members = [user for user in everybody if user.id in ids]
    return CareTeam(members, others, may_change, needs_all=_is_needed(members, by=by))


def add(patient_id: str, *, user_id: str, by: User, at: datetime) -> User:
    """Take a colleague into the patient's care team. Raises InvalidError, ConflictError, NotInCareError."""
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by, lock=True)
        _refuse_guests(session, patient.id, by=by)
        colleague = _colleague(session, user_id, by=by)
        if not _may_join(colleague):
            raise InvalidError({"user_id": [f"{colleague.name} looks after no patients."]})
        if not _join(session, patient.id, colleague, by=by, at=at):
            raise ConflictError(f"{colleague.name} is in the care team already.")
        audit.record(session, Action.TEAM_JOINED, by=by, at=at, object_id=colleague.id, patient_id=patient.id)
    return colleague


def remove(patient_id: str, *, user_id: str, by: User, at: datetime) -> User:
    """Let a colleague, or oneself, leave the team. Raises InvalidError, ConflictError, NotInCareError.

    Where the clinic restricts access, somebody has to stay.
    """
    with unit_of_work(by.clinic_id) as session:
        patient = fetch(session, Patient, patient_id, by=by, lock=True)
        _refuse_guests(session, patient.id, by=by)
        colleague = _colleague(session, user_id, by=by)
        query = select(CareTeamMember).where(CareTeamMember.patient_id == patient.id)
        team = {member.user_id: member for member in session.scalars(query).all()}
        if colleague.id not in team:
            raise ConflictError(f"{colleague.name} is not in the care team.")
        if _is_needed(team, by=by):
            raise ConflictError(f"{colleague.name} is the last one of the team. Add somebody else first.")
        session.delete(team[colleague.id])
        audit.record(session, Action.TEAM_LEFT, by=by, at=at, object_id=colleague.id, patient_id=patient.id)
    return colleague


def join(session: Session, patient_id: str, *, by: User, at: datetime) -> str | None:
    """Whoever adds a patient or issues a program for them looks after them; inside the caller's unit of work.

    What the caller's event says of it; None where nothing changed.
    """
    has_joined = bool(by.roles & CARES) and _join(session, patient_id, by, by=by, at=at)
    return JOINED if has_joined else None


def outside(patients: Iterable[Patient], *, by: User) -> frozenset[str]:
    """Of these patients, the ids of those whose record is closed to ``by``."""
    ids = [patient.id for patient in patients]
    if not ids or not is_limited(by):
        return frozenset()
    query = select(Patient.id).where(
        Patient.clinic_id == by.clinic_id, Patient.id.in_(ids), ~within_reach(Patient.id, by=by)
    )
    with unit_of_work(by.clinic_id) as session:
        return frozenset(session.scalars(query).all())


def _join(session: Session, patient_id: str, colleague: User, *, by: User, at: datetime) -> bool:
    """False when they are in the team already."""
    if session.scalar(select(is_member(patient_id, by=colleague))):
        return False
    session.add(
        CareTeamMember(
            clinic_id=by.clinic_id, patient_id=patient_id, user_id=colleague.id, added_by_id=by.id, added_at=at
        )
    )
    session.flush()
    return True


def _is_needed(team: Collection[object], *, by: User) -> bool:
    return len(team) == 1 and by.clinic.restricts_access


def _may_join(user: User) -> bool:
    return user.disabled_at is None and bool(user.roles & CARES)


def _is_guest(session: Session, patient_id: str, *, by: User) -> bool:
    return is_limited(by) and not session.scalar(select(is_member(patient_id, by=by)))


def _refuse_guests(session: Session, patient_id: str, *, by: User) -> None:
    # An emergency opens the record for an hour: it must not be the way to open it for good.
    if _is_guest(session, patient_id, by=by):
        raise NotInCareError(patient_id)


def _colleague(session: Session, user_id: str, *, by: User) -> User:
    query = select(User).where(User.clinic_id == by.clinic_id, User.id == user_id)
    found = session.scalars(query).one_or_none() if is_id(user_id) else None
    if found is None:
        raise InvalidError({"user_id": ["Choose somebody of your clinic."]})
    return found
