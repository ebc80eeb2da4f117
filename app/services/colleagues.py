"""Who works in a clinic, and how things stand with them. For its administrators to look at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.models import Action, ApiToken, AuthSession, OneTimeLink, Passkey, User
from app.services import audit
from app.services.links import Kind
from app.services.owned import Page, fetch, page_of
from app.services.sessions import IDLE

_Personal = ApiToken | AuthSession | OneTimeLink | Passkey


class State(StrEnum):
    """How things stand with somebody."""

    ACTIVE = "active"
    INVITED = "invited"
    LAPSED = "lapsed"
    """The invitation was not accepted in time."""
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the clinic."""

    user: User
    state: State
    invited_until: datetime | None
    has_second_factor: bool
    last_signed_in_at: datetime | None
    sessions: int
    """Sign-ins that go on."""
    tokens: int
    """API tokens that work."""


def has_joined(user: User) -> bool:
    """Whether somebody has accepted their invitation, or signs in by the clinic's identity provider."""
    return user.password_hash is not None or user.oidc_subject is not None


def find(*, page: int, by: User, at: datetime) -> Page[Person]:
    """Everybody of the clinic, by name."""
    query = select(User).where(User.clinic_id == by.clinic_id).order_by(func.lower(User.name), User.id)
    with unit_of_work(by.clinic_id) as session:
        audit.record(session, Action.PEOPLE_VIEWED, by=by, at=at)
        users = page_of(session, query, page)
        return Page(items=_people(session, users.items, at=at), number=users.number, total=users.total)


def get(user_id: str, *, by: User, at: datetime) -> Person:
    """One of them. Raises NotFoundError."""
    with unit_of_work(by.clinic_id) as session:
        user = fetch(session, User, user_id, by=by)
        audit.record(session, Action.PEOPLE_VIEWED, by=by, at=at, object_id=user.id)
        return _people(session, [user], at=at)[0]


def _people(session: Session, users: Sequence[User], *, at: datetime) -> list[Person]:
    going_on = (AuthSession.revoked_at.is_(None), AuthSession.expires_at > at, AuthSession.last_seen_at > at - IDLE)
    whole = AuthSession.second_factor_at.is_not(None)
    open_link = (OneTimeLink.kind == Kind.INVITATION, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > at)
    working = (ApiToken.revoked_at.is_(None), ApiToken.expires_at > at)

    def of_each(model: type[_Personal], value: ColumnElement[Any], *conditions: ColumnElement[bool]) -> dict[str, Any]:
        return _of_each(session, users, model, value, conditions)

    invited = of_each(OneTimeLink, func.max(OneTimeLink.expires_at), *open_link)
    passkeys = of_each(Passkey, func.count())
    signed_in = of_each(AuthSession, func.max(AuthSession.created_at), whole)
    sessions = of_each(AuthSession, func.count(), whole, *going_on)
    tokens = of_each(ApiToken, func.count(), *working)
    return [
        Person(
            user=user,
            state=_state(user, is_invited=user.id in invited),
            invited_until=invited.get(user.id),
            has_second_factor=user.totp_confirmed_at is not None or user.id in passkeys,
            last_signed_in_at=signed_in.get(user.id),
            sessions=sessions.get(user.id, 0),
            tokens=tokens.get(user.id, 0),
        )
        for user in users
    ]


def _of_each(
    session: Session,
    users: Sequence[User],
    model: type[_Personal],
    value: ColumnElement[Any],
    conditions: Iterable[ColumnElement[bool]],
) -> dict[str, Any]:
    """What the rows of a table come to for each of some people of one clinic, by their ids."""
    if not users:
        return {}
    mine = (model.clinic_id == users[0].clinic_id, model.user_id.in_([user.id for user in users]))
    query = select(model.user_id, value).where(*mine, *conditions).group_by(model.user_id)
    return {user_id: found for user_id, found in session.execute(query)}  # noqa: C416 - dict() would not type-check


def _state(user: User, *, is_invited: bool) -> State:
    if user.disabled_at is not None:
        return State.DISABLED
    if has_joined(user):
        return State.ACTIVE
    return State.INVITED if is_invited else State.LAPSED
