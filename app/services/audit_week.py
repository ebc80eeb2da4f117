"""What an examiner looks at first: the last seven days of the trail, counted; and who opened very many records."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.models import Action, AuditEvent, User
from app.services import audit

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
MANY = 100
"""More patients' records than anybody opens in an hour of ordinary work."""

OPENINGS = (
    Action.PATIENT_VIEWED,
    Action.SCREENING_VIEWED,
    Action.DRAFT_VIEWED,
    Action.PROGRAM_VIEWED,
    Action.PROGRAM_DOWNLOADED,
)
"""What counts as opening a patient's record."""


@dataclass(frozen=True, slots=True)
class MassRead:
    """Somebody who opened very many records in one hour."""

    actor_id: str
    records: int
    """How many patients' records, in the hour with most of them."""
    since: datetime
    """When that hour began."""


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days in figures."""

    since: datetime
    counts: Sequence[tuple[str, int]]
    """Action and how often, most first."""
    refused: int
    mass_reads: Sequence[MassRead]

    @property
    def total(self) -> int:
        """Events of any kind."""
        return sum(number for _, number in self.counts)


def last_week(*, by: User, at: datetime) -> Week:
    """The seven days up to now. Who may see it has read the trail, and that is recorded there."""
    since = at - WEEK
    here = (AuditEvent.clinic_id == by.clinic_id, AuditEvent.at >= since)
    number = func.count()
    by_action = select(AuditEvent.action, number).where(*here).group_by(AuditEvent.action)
    with unit_of_work(by.clinic_id) as session:
        counts = session.execute(by_action.order_by(number.desc(), AuditEvent.action)).all()
        refused = session.scalar(select(number).where(*here, AuditEvent.outcome == audit.REFUSED))
        return Week(since, [(row[0], row[1]) for row in counts], refused or 0, _mass_reads(session, by, since))


def _mass_reads(session: Session, by: User, since: datetime) -> list[MassRead]:
    opened = (
        AuditEvent.clinic_id == by.clinic_id,
        AuditEvent.at >= since,
        AuditEvent.action.in_([action.value for action in OPENINGS]),
        AuditEvent.patient_id.is_not(None),
    )
    patients = func.count(AuditEvent.patient_id.distinct())
    busy = select(AuditEvent.actor_id).where(*opened).group_by(AuditEvent.actor_id).having(patients > MANY)
    found = []
    for actor_id in session.scalars(busy.order_by(AuditEvent.actor_id)).all():
        query = select(AuditEvent.at, AuditEvent.patient_id).where(*opened, AuditEvent.actor_id == actor_id)
        records, began = busiest_hour((row[0], str(row[1])) for row in session.execute(query.order_by(AuditEvent.at)))
        if began is not None and records > MANY:
            found.append(MassRead(actor_id, records, began))
    return found


def busiest_hour(openings: Iterable[tuple[datetime, str]]) -> tuple[int, datetime | None]:
    """The most different patients within one hour, and when that hour began. The openings come by time."""
    window: deque[tuple[datetime, str]] = deque()
    inside: Counter[str] = Counter()
    most: tuple[int, datetime | None] = (0, None)
    for at, patient_id in openings:
        window.append((at, patient_id))
        inside[patient_id] += 1
        while at - window[0][0] >= HOUR:
            _, gone = window.popleft()
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
        if len(inside) > most[0]:
            most = (len(inside), window[0][0])
    return most
