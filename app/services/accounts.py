"""How people prove who they are: sign-in, sessions, API tokens. Only hashes of what proves it are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import SignInError
from app.models import Action, ApiToken, AuthSession, User
from app.services import audit, passwords
from app.services.people import user_with_address
from app.services.tokens import clinic_of, new_token, token_hash

IDLE = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=12)
TOUCH_EVERY = timedelta(seconds=30)
"""How often use is noted: a session may end that much early, and never late."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that succeeded."""

    user: User
    token: str
    """For the cookie. Only its hash is kept."""


def sign_in(*, email: str, password: str, at: datetime) -> SignedIn:
    """Open a session. Raises SignInError, the same for every cause and after the same time."""
    user = user_with_address(email)
    # Outside the transaction: a hash takes a while, and SQLite has one writer.
    right = passwords.matches(user.password_hash if user else None, password)
    if user is None:
        raise SignInError
    if not right or user.disabled_at is not None:
        with unit_of_work(user.clinic_id) as session:
            audit.record(session, Action.SIGN_IN_REFUSED, by=user, at=at, object_id=user.id)
        raise SignInError
    return SignedIn(user, open_session(user, at=at))


def open_session(user: User, *, at: datetime) -> str:
    """A new session for somebody who has proved who they are; returns its token."""
    token = new_token(user.clinic_id)
    with unit_of_work(user.clinic_id) as session:
        row = AuthSession(
            clinic_id=user.clinic_id,
            user_id=user.id,
            token_sha256=token_hash(token),
            created_at=at,
            last_seen_at=at,
            expires_at=at + LONGEST_SESSION,
            second_factor_at=at,
            proved_at=at,
        )
        session.add(row)
        session.flush()
        audit.record(session, Action.SIGNED_IN, by=user, at=at, object_id=row.id)
    return token


def user_of(token: str, *, at: datetime) -> User | None:
    """Whose session it is; None when it has ended in any way. Using a session keeps it from idling out."""
    clinic_id = clinic_of(token)
    if clinic_id is None:
        return None
    with unit_of_work(clinic_id) as session:
        row = _live_session(session, token, at=at)
        if row is None:
            return None
        if at - row.last_seen_at >= TOUCH_EVERY:
            row.last_seen_at = at
        return _user(session, row.user_id)


def ran_out_on(token: str) -> str | None:
    """The id of the user whose session ran out by itself; None for one that was ended on purpose, or never was."""
    clinic_id = clinic_of(token)
    if clinic_id is None:
        return None
    with unit_of_work(clinic_id) as session:
        row = session.scalars(select(AuthSession).where(AuthSession.token_sha256 == token_hash(token))).one_or_none()
        return row.user_id if row is not None and row.revoked_at is None else None


def sign_out(token: str, *, at: datetime) -> None:
    """End the session, at once and for good. A session that has ended already is left alone."""
    clinic_id = clinic_of(token)
    if clinic_id is None:
        return
    with unit_of_work(clinic_id) as session:
        row = _live_session(session, token, at=at)
        user = _user(session, row.user_id) if row else None
        if row is not None and user is not None:
            row.revoked_at = at
            audit.record(session, Action.SIGNED_OUT, by=user, at=at, object_id=row.id)


def user_of_token(token: str, *, at: datetime) -> User | None:
    """Whose API token it is; None when it has expired or was revoked."""
    clinic_id = clinic_of(token)
    if clinic_id is None:
        return None
    with unit_of_work(clinic_id) as session:
        row = session.scalars(select(ApiToken).where(ApiToken.token_sha256 == token_hash(token))).one_or_none()
        if row is None or row.revoked_at is not None or at >= row.expires_at:
            return None
        if row.last_used_at is None or at - row.last_used_at >= TOUCH_EVERY:
            row.last_used_at = at
        return _user(session, row.user_id)


def _live_session(session: Session, token: str, *, at: datetime) -> AuthSession | None:
    row = session.scalars(select(AuthSession).where(AuthSession.token_sha256 == token_hash(token))).one_or_none()
    if row is None or row.revoked_at is not None or at >= row.expires_at or at - row.last_seen_at >= IDLE:
        return None
    return row


def _user(session: Session, user_id: str) -> User | None:
    user = session.scalars(select(User).where(User.id == user_id)).one()
    return user if user.disabled_at is None else None
