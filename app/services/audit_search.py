"""Reading the audit trail: filters, an order, a page at a time; or all to take away. Reading it leaves an event too."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import InvalidError
from app.models import Action, AuditEvent, User
from app.services import audit
from app.services.owned import is_id, patient_asked_for
from app.services.words import iso_date

PAGE_SIZE = 50
AT_ONCE = 2000
"""Rows in memory at a time of what is taken away."""
OUTCOMES = (audit.DONE, audit.REFUSED)

ORDERS: Mapping[str, ColumnElement[Any]] = {
    "when": AuditEvent.n.expression,
    "action": AuditEvent.action.expression,
    "person": AuditEvent.actor_id.expression,
    "outcome": AuditEvent.outcome.expression,
    "patient": func.coalesce(AuditEvent.patient_id, ""),
    "object": func.coalesce(AuditEvent.object_id, ""),
    "ip": func.coalesce(AuditEvent.ip, ""),
}
"""What a trail can be sorted by."""

_NO_ID, _NO_DATE = "This is no id.", "Give the date as year, month, day: 2026-11-23."
_FITS: tuple[tuple[str, Callable[[str], object], str], ...] = (
    ("actor_id", is_id, _NO_ID),
    ("action", {action.value for action in Action}.__contains__, "There is no such event."),
    ("outcome", OUTCOMES.__contains__, f"Choose one of: {', '.join(OUTCOMES)}."),
    ("patient_id", is_id, _NO_ID),
    ("object_id", is_id, _NO_ID),
    ("since", iso_date, _NO_DATE),
    ("until", iso_date, _NO_DATE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilters:
    """What to look for. Empty means all."""

    actor_id: str = ""
    action: str = ""
    outcome: str = ""
    """One of ``OUTCOMES``."""
    patient_id: str = ""
    object_id: str = ""
    since: str = ""
    """ISO date, in the clinic's time zone; that day included."""
    until: str = ""
    """ISO date; that day included."""


@dataclass(frozen=True, slots=True)
class Order:
    """How a trail is sorted; within one value, by number."""

    by: str = "when"
    """One of ``ORDERS``."""
    descending: bool = True


NEWEST_FIRST, OLDEST_FIRST = Order(), Order(descending=False)


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some lines of a trail."""

    events: Sequence[AuditEvent]
    next_after: int | None
    """The number after which the next page begins; None on the last."""


def find(
    *, filters: TrailFilters, order: Order = NEWEST_FIRST, after: int | None = None, by: User, at: datetime
) -> TrailPage:
    """A page of what the filters let through. Raises InvalidError for a filter that is none."""
    query = select(AuditEvent).where(*_conditions(filters, by.clinic_id, by.clinic.time_zone))
    with unit_of_work(by.clinic_id) as session:
        patient_id = patient_asked_for(session, filters.patient_id, by=by)
        audit.record(session, Action.AUDIT_SEARCHED, by=by, at=at, patient_id=patient_id)
        query = _sorted(_after(session, query, by.clinic_id, order, after), order)
        events = session.scalars(query.limit(PAGE_SIZE + 1)).all()
    more = len(events) > PAGE_SIZE
    return TrailPage(events[:PAGE_SIZE], events[PAGE_SIZE - 1].n if more else None)


def check(filters: TrailFilters) -> None:
    """Raises InvalidError for a filter that is none."""
    errors = {name: [words] for name, fits, words in _FITS if (given := getattr(filters, name)) and not fits(given)}
    if errors:
        raise InvalidError(errors)


def export(*, filters: TrailFilters, by: User, at: datetime) -> Iterator[AuditEvent]:
    """All that the filters let through, oldest first, up to this export itself. Raises InvalidError.

    What comes is read a few rows at a time: whoever is slow to take them must not hold up the clinic.
    """
    conditions = _conditions(filters, by.clinic_id, by.clinic.time_zone)
    with unit_of_work(by.clinic_id) as session:
        patient_id = patient_asked_for(session, filters.patient_id, by=by)
        audit.record(session, Action.AUDIT_EXPORTED, by=by, at=at, patient_id=patient_id)
    return _all(select(AuditEvent).where(*conditions, AuditEvent.at <= at), by.clinic_id, OLDEST_FIRST)


def report(*, filters: TrailFilters, order: Order, clinic_id: str, time_zone: str) -> Iterator[AuditEvent]:
    """The same for the command line, which leaves no event: it has no person to name."""
    return _all(select(AuditEvent).where(*_conditions(filters, clinic_id, time_zone)), clinic_id, order)


def counts(*, filters: TrailFilters, field: str, clinic_id: str, time_zone: str) -> Sequence[tuple[str, int]]:
    """How many events there are for each value of one of ``ORDERS``, most first."""
    value, number = ORDERS[field], func.count()
    query = select(value, number).where(*_conditions(filters, clinic_id, time_zone))
    with unit_of_work(clinic_id) as session:
        found = session.execute(query.group_by(value).order_by(number.desc(), value)).all()
    return [(str(row[0]), row[1]) for row in found]


def people(*, by: User) -> dict[str, str]:
    """Everybody who ever worked in the clinic: id to name, by name."""
    query = select(User.id, User.name).where(User.clinic_id == by.clinic_id).order_by(User.name, User.id)
    with unit_of_work(by.clinic_id) as session:
        return {row.id: row.name for row in session.execute(query)}


def _all(query: Select[AuditEvent], clinic_id: str, order: Order) -> Iterator[AuditEvent]:
    after: int | None = None
    while True:
        with unit_of_work(clinic_id) as session:
            page = _sorted(_after(session, query, clinic_id, order, after), order).limit(AT_ONCE)
            events = session.scalars(page).all()
        yield from events
        if len(events) < AT_ONCE:
            return
        after = events[-1].n


def _conditions(filters: TrailFilters, clinic_id: str, time_zone: str) -> list[ColumnElement[bool]]:
    check(filters)
    wanted: dict[Any, str] = {
        AuditEvent.actor_id: filters.actor_id,
        AuditEvent.action: filters.action,
        AuditEvent.outcome: filters.outcome,
        AuditEvent.patient_id: filters.patient_id,
        AuditEvent.object_id: filters.object_id,
    }
    found = [AuditEvent.clinic_id == clinic_id, *(column == value for column, value in wanted.items() if value)]
    zone, since, until = ZoneInfo(time_zone), iso_date(filters.since), iso_date(filters.until)
    if since:
        found.append(AuditEvent.at >= datetime.combine(since, time.min, zone))
    if until:
        found.append(AuditEvent.at < datetime.combine(until + timedelta(days=1), time.min, zone))
    return found


def _sorted(query: Select[AuditEvent], order: Order) -> Select[AuditEvent]:
    columns = (ORDERS[order.by], AuditEvent.n)
    return query.order_by(*(column.desc() if order.descending else column.asc() for column in columns))


def _after(
    session: Session, query: Select[AuditEvent], clinic_id: str, order: Order, after: int | None
) -> Select[AuditEvent]:
    """The part of the query behind row ``after``, found by its place and not by counting: the trail grows meanwhile."""
    if after is None:
        return query
    column = ORDERS[order.by]
    where = select(column).where(AuditEvent.clinic_id == clinic_id, AuditEvent.n == after)
    place, here = tuple_(column, AuditEvent.n), tuple_(session.scalar(where), after)
    return query.where(place < here if order.descending else place > here)
