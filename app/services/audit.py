"""Writes the trail. Always inside the caller's unit of work: an act without its event does not happen.

What is recorded waits until the unit of work commits. Then the clinic's events are numbered, chained and written, last
of all, so that nobody waits for the end of the trail longer than they must.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from app.database import db
from app.models import Action, AuditEvent, AuditHead, User
from app.models.base import new_id
from app.services import keys
from app.services.audit_anchor import anchor
from app.services.audit_chain import BEGINNING, Link, mac, text

DONE, REFUSED = "done", "refused"

_QUEUE, _WRITTEN = "audit_queue", "audit_written"
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from: a request, or the command line."""

    request_id: str | None = None
    ip: str | None = None
    agent_sha256: str | None = None
    """Hash of what the browser calls itself."""
    recorded: list[str] = field(default_factory=list, compare=False, repr=False)
    """The actions that the request has left in the trail for good."""


COMMAND_LINE = Origin()
origin: ContextVar[Origin] = ContextVar("holdwell_origin", default=COMMAND_LINE)


def begin(session: Session, clinic_id: str) -> None:
    """Begin the trail of a new clinic."""
    session.add(AuditHead(clinic_id=clinic_id, n=BEGINNING.n, mac=BEGINNING.mac))
    session.flush()


def record(
    session: Session,
    action: Action,
    *,
    by: User,
    at: datetime,
    object_id: str | None = None,
    patient_id: str | None = None,
    outcome: str = DONE,
    detail: str | None = None,
    pack_version: str | None = None,
) -> None:
    """Note one act of ``by``. Ids and words of ours only. It is written when the unit of work commits, or never."""
    if not session.in_transaction():
        session.begin()  # nobody would hear of the end of a transaction that never began
    where = origin.get()
    session.info.setdefault(_QUEUE, []).append(
        {
            "id": new_id(),
            "clinic_id": by.clinic_id,
            "at": at,
            "action": action.value,
            "outcome": outcome,
            "detail": detail,
            "actor_id": by.id,
            "actor_roles": by.roles_text,
            "object_id": object_id,
            "patient_id": patient_id,
            "request_id": where.request_id,
            "ip": where.ip,
            "agent_sha256": where.agent_sha256,
            "pack_version": pack_version,
        }
    )


def recorded_actions() -> Sequence[str]:
    """What this request has left in the trail for good."""
    return tuple(origin.get().recorded)


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint's end is no commit
    queued: list[Event] = session.info.pop(_QUEUE, [])
    if not queued:
        return
    session.flush()
    clinic_of = itemgetter("clinic_id")
    # Only the command line acts for several clinics at once; it too takes hold of their trails in one order.
    for clinic_id, events in groupby(sorted(queued, key=clinic_of), clinic_of):
        _append(session, clinic_id, list(events))


def _append(session: Session, clinic_id: str, events: list[Event]) -> None:
    number = keys.keyring().newest("audit")
    key = keys.keyring().key("audit", number)
    link = _locked_end(session, clinic_id)
    for row in events:
        row |= {"n": link.n + 1, "key_number": number}
        row["mac"] = mac(key, link.mac, text(row))
        link = Link(row["n"], row["mac"])
    connection = session.connection()
    connection.execute(insert(AuditEvent), events)
    head = update(AuditHead).where(AuditHead.clinic_id == clinic_id)
    connection.execute(head.values(n=link.n, mac=link.mac))
    session.info.setdefault(_WRITTEN, []).append((clinic_id, link, events))


def _locked_end(session: Session, clinic_id: str) -> Link:
    query = select(AuditHead.n, AuditHead.mac).where(AuditHead.clinic_id == clinic_id).with_for_update()
    # Raises NoResultFound where the end was taken away: nothing more is done before somebody has looked into that.
    n, code = session.connection().execute(query).one()
    return Link(n, code)


@event.listens_for(db.session, "after_commit")
def _anchor(session: Session) -> None:
    if session.in_nested_transaction():
        return
    here = origin.get()
    for clinic_id, link, events in session.info.pop(_WRITTEN, []):
        anchor().append(clinic_id, link, events[-1]["at"])
        if here is not COMMAND_LINE:
            here.recorded.extend(row["action"] for row in events)


@event.listens_for(db.session, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    if ended.nested:
        return  # rather an event too many than one too few
    session.info.pop(_QUEUE, None)
    session.info.pop(_WRITTEN, None)
