"""What somebody is in the clinic, and whether they may come in at all. Nobody decides that for themselves.

Because of that rule a clinic always keeps an administrator: the one who acts. Two who act on one another in the same
moment take turns at the clinic's row, and the second finds that they are an administrator no more.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, NotAllowedError, OwnAccountError
from app.models import Action, Clinic, Role, User
from app.services import api_tokens, audit, devices, links, sessions
from app.services.colleagues import has_joined
from app.services.links import Kind
from app.services.owned import fetch
from app.services.person import role_problems


def set_roles(user_id: str, *, roles: Iterable[Role], by: User, at: datetime) -> User:
    """Make somebody all of ``roles`` and nothing else. Whoever loses one is signed out everywhere.

    Raises InvalidError by field, NotFoundError, OwnAccountError.
    """
    chosen = frozenset(roles)
    problems = role_problems(chosen)
    if problems:
        raise InvalidError({"roles": problems})
    with unit_of_work(by.clinic_id) as session:
        user = of_another(session, user_id, by=by)
        if user.roles - chosen:
            shut_out(session, user, why="roles", by=by, at=at)
        user.roles = chosen
        audit.record(session, Action.USER_EDITED, by=by, at=at, object_id=user.id, detail=user.roles_text)
    return user


def disable(user_id: str, *, by: User, at: datetime) -> User:
    """Let somebody in no more, from their very next click on. Raises NotFoundError, OwnAccountError."""
    with unit_of_work(by.clinic_id) as session:
        user = of_another(session, user_id, by=by)
        user.disabled_at = user.disabled_at or at
        shut_out(session, user, why="disabled", by=by, at=at)
        links.void(session, user, *Kind, at=at)
        audit.record(session, Action.USER_DISABLED, by=by, at=at, object_id=user.id)
    return user


def enable(user_id: str, *, by: User, at: datetime) -> User:
    """Let somebody in again, as they were. Raises NotFoundError, OwnAccountError."""
    with unit_of_work(by.clinic_id) as session:
        user = of_another(session, user_id, by=by)
        user.disabled_at = None
        audit.record(session, Action.USER_ENABLED, by=by, at=at, object_id=user.id)
    return user


def end_sessions(user_id: str, *, by: User, at: datetime) -> User:
    """Sign somebody out everywhere, programs of theirs as well. Raises NotFoundError, OwnAccountError."""
    with unit_of_work(by.clinic_id) as session:
        user = of_another(session, user_id, by=by)
        shut_out(session, user, why="signed_out", by=by, at=at)
        audit.record(session, Action.SESSION_REVOKED, by=by, at=at, object_id=user.id, detail="all")
    return user


def of_another(session: Session, user_id: str, *, by: User) -> User:
    """The person whom ``by`` acts upon, held until the unit of work ends. Raises NotFoundError, OwnAccountError.

    Raises NotAllowedError when ``by`` has meanwhile ceased to be an administrator, and ConflictError when they could
    not come in again: the one who could must not be lost by them.
    """
    take_turns(session, by.clinic_id)
    actor = fetch(session, User, by.id, by=by)
    if actor.disabled_at is not None or Role.ADMINISTRATOR not in actor.roles:
        raise NotAllowedError
    if not has_joined(actor):
        raise ConflictError(
            "You could not sign in again yourself: you have no password here, and are not connected to your clinic's "
            "account. Connect the two, or choose a password, under “Your account” first."
        )
    if user_id == by.id:
        raise OwnAccountError
    return fetch(session, User, user_id, by=by, lock=True)


def take_turns(session: Session, clinic_id: str) -> None:
    """Hold the clinic's row: of two who decide who may come in, the second sees what the first has done."""
    session.scalars(select(Clinic.id).where(Clinic.id == clinic_id).with_for_update(key_share=True)).one()


def shut_out(session: Session, user: User, *, why: str, by: User, at: datetime) -> int:
    """End what somebody has open: their sessions, and their API tokens for good; returns how many tokens worked.

    No browser is known for them any more.
    """
    sessions.revoke_all(session, user, at=at)
    devices.forget(session, user)
    return api_tokens.revoke_all(session, user, why=why, by=by, at=at)
