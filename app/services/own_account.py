"""What somebody sees of their own account, and how they end sign-ins of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, NotFoundError, NotSignedInError
from app.models import Action, ApiToken, AuthSession, Passkey, Role, User
from app.services import api_tokens, audit, passkeys, passwords, people, second_factor, sessions
from app.services.accounts import SignedIn
from app.services.owned import fetch, fetch_own

NO_PASSWORD = "You sign in without a password here: your clinic's own sign-in has it."  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All by which somebody can come in."""

    has_factor: bool
    """Whether there is a second factor of any kind."""
    codes_left: int
    passkeys: Sequence[Passkey]
    sessions: Sequence[AuthSession]
    tokens: Sequence[ApiToken]


def overview(*, by: User, at: datetime) -> Overview:
    """The account of ``by``, now."""
    with unit_of_work(by.clinic_id) as session:
        has_factor = bool(second_factor.methods_in(session, by))
        codes_left = second_factor.codes_left(session, by)
    return Overview(
        has_factor=has_factor,
        codes_left=codes_left,
        passkeys=passkeys.of_user(by),
        sessions=sessions.sessions_of(by, at=at),
        tokens=api_tokens.of_user(by, at=at),
    )


def may_choose_password(user: User) -> bool:
    """Whether somebody without a password may choose one: administrators, so that a bad provider can be changed.

    Others it would keep in when the provider lets them in no more.
    """
    return user.password_hash is None and Role.ADMINISTRATOR in user.roles


def choose_password(token: str, *, new: str, at: datetime) -> SignedIn:
    """A first password, for an administrator without one; every other session ends.

    Raises InvalidError by field, NotSignedInError, and ConflictError for everybody else.
    """
    found = sessions.identify(token, at=at)
    if found is None or not found.is_whole:
        raise NotSignedInError
    if not may_choose_password(found.user):
        raise ConflictError(NO_PASSWORD)
    problems = passwords.problems(new, words=passwords.words_of(found.user))
    if problems:
        raise InvalidError({"new": problems})
    kept = passwords.hashed(new)  # outside the transaction: a hash takes a while, and SQLite has one writer
    with unit_of_work(found.user.clinic_id) as session:
        live = sessions.live(session, token, at=at)
        if live is None:
            raise NotSignedInError
        user = fetch(session, User, found.user.id, by=found.user, lock=True)
        if not may_choose_password(user):
            raise ConflictError(NO_PASSWORD)
        people.take_name(session, user)
        user.password_hash = kept
        sessions.revoke_all(session, user, at=at, but=live[0].id)
        audit.record(session, Action.PASSWORD_CHANGED, by=user, at=at, object_id=user.id, detail="first")
        return SignedIn(user, sessions.proved(live[0], at=at))


def end_session(session_id: str, *, by: User, at: datetime) -> None:
    """End a sign-in of ``by``. Raises NotFoundError, for an administrator too: colleagues' are ended elsewhere."""
    with unit_of_work(by.clinic_id) as session:
        row = fetch_own(session, AuthSession, session_id, by=by)
        if row.revoked_at is not None:
            raise NotFoundError("sign-in")
        row.revoked_at = at
        audit.record(session, Action.SESSION_REVOKED, by=by, at=at, object_id=row.id)


def end_others(session_id: str, *, by: User, at: datetime) -> None:
    """End every sign-in of ``by`` but the one of that id."""
    with unit_of_work(by.clinic_id) as session:
        sessions.revoke_all(session, by, at=at, but=session_id)
        audit.record(session, Action.SESSION_REVOKED, by=by, at=at, object_id=session_id, detail="others")
