"""Fetching through the owner: a row is only ever read together with the clinic that asks for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models import ApiToken, AuthSession, Draft, IssuedProgram, Passkey, Patient, User
from app.services.reach import refuse_outsiders

Row = TypeVar("Row", Patient, Draft, IssuedProgram, User)
Own = TypeVar("Own", ApiToken, AuthSession, Passkey)
Entry = TypeVar("Entry")

PAGE_SIZE = 25
LAST_PAGE = 100_000
"""Nobody turns that many pages; beyond it, a number is an attack on the database's arithmetic."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOUNS: dict[type[object], str] = {
    Patient: "patient",
    Draft: "draft",
    IssuedProgram: "program",
    ApiToken: "token",
    AuthSession: "sign-in",
    Passkey: "passkey",
    User: "person",
}


def is_id(text: str) -> bool:
    """Whether ``text`` looks like an id of ours."""
    return _ID.fullmatch(text) is not None


def fetch(session: Session, model: type[Row], row_id: str, *, by: User, lock: bool = False) -> Row:
    """The row of that id in the clinic of ``by``, as the database has it now.

    With ``lock`` nobody else can lock it until the unit of work ends. Raises NotFoundError, for a foreign row too;
    NotInCareError for one of a patient whose record is closed to ``by``.
    """
    # What is no id of ours never reaches the database, where it might be refused less politely.
    if not is_id(row_id):
        raise NotFoundError(_NOUNS[model])
    query = select(model).where(model.id == row_id, model.clinic_id == by.clinic_id)
    if lock:
        query = query.with_for_update(of=model)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError(_NOUNS[model])
    if not isinstance(row, User):
        refuse_outsiders(session, row.id if isinstance(row, Patient) else row.patient_id, by=by)
    return row


def patient_asked_for(session: Session, typed: str, *, by: User) -> str | None:
    """The id that somebody looks for things with, where it is of a patient of the clinic: the trail keeps no other."""
    if not is_id(typed):
        return None
    return session.scalar(select(Patient.id).where(Patient.id == typed, Patient.clinic_id == by.clinic_id))


def fetch_own(session: Session, model: type[Own], row_id: str, *, by: User) -> Own:
    """The row of that id, when it is of ``by`` alone. Raises NotFoundError, for a colleague's row too."""
    if not is_id(row_id):
        raise NotFoundError(_NOUNS[model])
    query = select(model).where(model.id == row_id, model.user_id == by.id, model.clinic_id == by.clinic_id)
    row = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError(_NOUNS[model])
    return row


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """One page of a list."""

    items: Sequence[Entry]
    number: int
    """From 1."""
    total: int
    """Entries on all pages."""
    size: int = PAGE_SIZE

    @property
    def count(self) -> int:
        """How many pages there are; one at least."""
        return max(1, -(-self.total // self.size))

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.number < self.count

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.number > 1


def page_of(session: Session, query: Select[Entry], number: int) -> Page[Entry]:
    """The page ``number`` of what ``query`` finds. A page beyond the end is empty."""
    number = max(1, min(number, LAST_PAGE))
    total: Any = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    items = session.scalars(
        query.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE).execution_options(populate_existing=True)
    ).all()
    return Page(items=items, number=number, total=int(total))
