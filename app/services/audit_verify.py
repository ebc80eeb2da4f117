"""Whether the audit trails are still what was written: every clinic's chain, its end, and the anchor outside."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.models import AuditEvent, AuditHead, Clinic
from app.scope import INSTALLATION
from app.services import keys
from app.services.audit_anchor import anchor, pins
from app.services.audit_chain import BEGINNING, FIELDS, UNCHAINED, Fault, Link, Row, closed, verify

BATCH = 5000
"""Rows in memory at a time. SQLite's one writer waits no longer than it takes to read them."""
GRACE = timedelta(minutes=1)
"""How long after its commit a row may be without its anchor before that is a finding."""

_COLUMNS = [AuditEvent.__table__.c[name] for name in (*FIELDS, "mac")]
_PLACE = tuple_(AuditEvent.n, AuditEvent.id)


@dataclass(frozen=True, slots=True)
class Trail:
    """What became of checking one clinic's trail."""

    clinic: str
    rows: int
    """How many were checked and found good."""
    fault: Fault | None
    """The first that is not good."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose trail it is."""

    id: str
    name: str
    time_zone: str


def owners(clinic_id: str | None = None) -> list[Owner]:
    """All clinics, or the one of that id. Where several have one name, it stands with the id."""
    query = select(Clinic.id, Clinic.name, Clinic.time_zone).order_by(Clinic.name, Clinic.id)
    with unit_of_work(INSTALLATION) as session:
        found = session.execute(query if clinic_id is None else query.where(Clinic.id == clinic_id)).all()
    often = Counter(row.name for row in found)
    return [
        Owner(row.id, row.name if often[row.name] == 1 else f"{row.name} ({row.id})", row.time_zone) for row in found
    ]


def check(wanted: Sequence[Owner], *, least: int, at: datetime) -> Iterator[Trail]:
    """Check the trails of these clinics, from number ``least`` on."""
    # Read before the rows: what is committed after this may lie beyond the anchor, never the other way round.
    known, _ = pins(anchor().path, least=least)
    for one in wanted:
        yield _checked(one, known.get(one.id, {}), least=least, at=at)


def unreadable_lines() -> list[int]:
    """Lines of the anchor's file that say nothing."""
    return [one.line for one in pins(anchor().path)[1]]


def write_anchors(wanted: Sequence[Owner], *, at: datetime) -> int:
    """Anchor the trails as they are now; how many there were."""
    for one in wanted:
        with unit_of_work(one.id) as session:
            end = _end(session, one.id)
        anchor().append(one.id, end, at)
    return len(wanted)


def _checked(owner: Owner, known: dict[int, str], *, least: int, at: datetime) -> Trail:
    start, fault = _start(owner.id, least)
    if fault is not None:
        return Trail(owner.name, 0, fault)
    ends: list[Link] = []
    audit_keys = keys.keyring().keys["audit"]
    rows = _rows(owner.id, start, ends)
    followed = verify(rows, key_of=audit_keys.__getitem__, pins=known, after=start)
    found = followed.fault or closed(followed, ends[-1], known)
    late = None if found else _unanchored(owner.id, max(known, default=least - 1), at)
    return Trail(owner.name, followed.link.n - start.n, found or late)


def _start(clinic_id: str, least: int) -> tuple[Link, Fault | None]:
    """The row before ``least``, which is trusted; the beginning where there is none to trust."""
    if least <= 1:
        return BEGINNING, None
    query = select(AuditEvent.mac, AuditEvent.key_number).where(
        AuditEvent.clinic_id == clinic_id, AuditEvent.n == least - 1
    )
    with unit_of_work(clinic_id) as session:
        before = session.execute(query).first()
    if before is None:
        return BEGINNING, Fault(least - 1, "is missing")
    return (BEGINNING if before.key_number == UNCHAINED else Link(least - 1, before.mac)), None


def _rows(clinic_id: str, start: Link, ends: list[Link]) -> Iterator[Row]:
    """The rows after ``start`` in order; ``ends`` gets the end of the trail as it was at the moment of each reading."""
    query = select(*_COLUMNS).where(AuditEvent.clinic_id == clinic_id).order_by(AuditEvent.n, AuditEvent.id)
    beyond: ColumnElement[bool] | None = None if start == BEGINNING else AuditEvent.n > start.n
    while True:
        with unit_of_work(clinic_id) as session:
            ends.append(_end(session, clinic_id))
            batch = _batch(session, query if beyond is None else query.where(beyond))
        yield from batch
        if len(batch) < BATCH:
            return
        # Not by the number alone: a row that is there twice must not hide at the edge of a batch.
        beyond = tuple_(batch[-1]["n"], batch[-1]["id"]) < _PLACE


def _batch(session: Session, query: Select[Any]) -> list[Row]:
    return [*session.connection().execute(query.limit(BATCH)).mappings()]


def _end(session: Session, clinic_id: str) -> Link:
    # Locked: nobody appends between this and the reading of the rows.
    query = select(AuditHead.n, AuditHead.mac).where(AuditHead.clinic_id == clinic_id).with_for_update()
    found = session.connection().execute(query).first()
    return Link(found.n, found.mac) if found else BEGINNING


def _unanchored(clinic_id: str, last: int, at: datetime) -> Fault | None:
    query = select(AuditEvent.at).where(AuditEvent.clinic_id == clinic_id, AuditEvent.n == last + 1)
    with unit_of_work(clinic_id) as session:
        written_at = session.scalars(query).first()
    is_late = written_at is not None and at - written_at > GRACE
    return Fault(last + 1, "is not in the anchor's file") if is_late else None
