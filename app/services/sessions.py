"""Sessions: rows of ours that end when we say so. The browser holds a token; only its hash is kept.

Whether a session has ended is decided here, from the row and the time, and from nothing that a request says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import NotFoundError, NotSignedInError
from app.models import Action, ApiToken, AuthSession, Role, User
from app.services import audit
from app.services.owned import is_id
from app.services.tokens import clinic_of, new_token, token_hash

IDLE = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=12)
FRESH = timedelta(minutes=10)
"""How long a proof of who one is counts for what asks for a fresh one."""
TOUCH_EVERY = timedelta(seconds=30)
"""How often use is noted: a session may end that much early, and never late."""
BACKWARDS = timedelta(minutes=1)
"""How far the clock may be behind what a row says. Beyond that it was set back, and would prolong what is over."""
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, and by what right."""

    user: User
    session: AuthSession | None = None
    """Of a browser; None for a program of the clinic's own."""
    scopes: frozenset[str] | None = None
    """Of an API token; None for a browser."""

    @property
    def is_whole(self) -> bool:
        """Whether everything was shown that has to be; a browser may still lack its second factor."""
        return self.session is None or self.session.second_factor_at is not None

    def is_fresh(self, at: datetime) -> bool:
        """Whether they proved who they are a short while ago."""
        return self.session is not None and -BACKWARDS <= at - self.session.proved_at < FRESH


def opened(session: Session, user: User, *, browser: str, at: datetime) -> tuple[AuthSession, str]:
    """A new session that still lacks its second factor, and its token."""
    token = new_token(user.clinic_id)
    row = AuthSession(
        clinic_id=user.clinic_id,
        user_id=user.id,
        token_sha256=token_hash(token),
        browser=browser[:LONGEST_LABEL],
        created_at=at,
        last_seen_at=at,
        expires_at=at + LONGEST_SESSION,
        proved_at=at,
    )
    session.add(row)
    session.flush()
    return row, token


def completed(session: Session, row: AuthSession, user: User, *, detail: str, at: datetime) -> str:
    """Open the session to all that is the user's, or note a new proof; returns the token that counts from now on."""
    action = Action.SIGNED_IN if row.second_factor_at is None else Action.PROVED_AGAIN
    row.second_factor_at = row.second_factor_at or at
    audit.record(session, action, by=user, at=at, object_id=row.id, detail=detail)
    return proved(row, at=at)


def proved(row: AuthSession, *, at: datetime) -> str:
    """A new token in place of the old, which is dead: whoever knew it has to prove something as well."""
    token = new_token(row.clinic_id)
    row.token_sha256, row.proved_at, row.last_seen_at = token_hash(token), at, max(at, row.last_seen_at)
    return token


def identify(token: str, *, at: datetime) -> Identity | None:
    """Whose session it is; None when it has ended in any way. Asking is no use of it: see ``note_use``."""
    clinic_id = clinic_of(token)
    if clinic_id is None:
        return None
    with unit_of_work(clinic_id) as session:
        found = live(session, token, at=at)
        if found is None:
            return None
        row, user = found
        return Identity(user, session=row)


def note_use(row: AuthSession, *, at: datetime) -> None:
    """Keep a whole session from idling out: for a request that was let in, and for no other."""
    if row.second_factor_at is None or at - row.last_seen_at < TOUCH_EVERY:
        return
    mine = (AuthSession.clinic_id == row.clinic_id, AuthSession.id == row.id)
    with unit_of_work(row.clinic_id) as session:
        session.execute(update(AuthSession).where(*mine, AuthSession.last_seen_at < at).values(last_seen_at=at))
    row.last_seen_at = at


def identify_token(token: str, *, at: datetime) -> Identity | None:
    """Whose API token it is; None when it has expired or was revoked."""
    clinic_id = clinic_of(token)
    if clinic_id is None:
        return None
    with unit_of_work(clinic_id) as session:
        row = session.scalars(select(ApiToken).where(ApiToken.token_sha256 == token_hash(token))).one_or_none()
        if row is None or row.revoked_at is not None or at >= row.expires_at:
            return None
        user = _user(session, row.user_id)
        if user is None:
            return None
        if row.last_used_at is None or at - row.last_used_at >= TOUCH_EVERY:
            row.last_used_at = at
        return Identity(user, scopes=row.scopes)


def live(session: Session, token: str, *, at: datetime) -> tuple[AuthSession, User] | None:
    """The session that has not ended, and whose it is."""
    row = _row(session, token)
    if row is None or row.revoked_at is not None or not seconds_left(row, at=at):
        return None
    user = _user(session, row.user_id)
    return None if user is None else (row, user)


@contextmanager
def held(token: str, *, at: datetime) -> Iterator[tuple[Session, AuthSession, User]]:
    """A unit of work for the person of the session, who is held until its end. Raises NotSignedInError.

    A reset takes hold of them as well: whichever comes second sees what the first has done.
    """
    clinic_id = clinic_of(token)
    if clinic_id is None:
        raise NotSignedInError
    with unit_of_work(clinic_id) as session:
        whose = select(AuthSession.user_id).where(AuthSession.token_sha256 == token_hash(token))
        user_id = session.scalars(whose).one_or_none()
        if user_id is not None:
            session.scalars(select(User.id).where(User.id == user_id).with_for_update()).one()
        found = live(session, token, at=at)
        if found is None:
            raise NotSignedInError
        yield session, *found


def seconds_left(row: AuthSession, *, at: datetime) -> int:
    """Until the session ends if nobody uses it; 0 when it has ended."""
    if at < row.last_seen_at - BACKWARDS:
        return 0
    return max(0, int((min(row.expires_at, row.last_seen_at + IDLE) - at).total_seconds()))


def ran_out_on(token: str) -> str | None:
    """The id of the user whose session ran out by itself; None for one that was ended on purpose, or never was."""
    clinic_id = clinic_of(token)
    if clinic_id is None:
        return None
    with unit_of_work(clinic_id) as session:
        row = _row(session, token)
        return row.user_id if row is not None and row.revoked_at is None and row.second_factor_at is not None else None


def sign_out(token: str, *, at: datetime) -> None:
    """End the session, at once and for good. A session that has ended already is left alone."""
    clinic_id = clinic_of(token)
    if clinic_id is None:
        return
    with unit_of_work(clinic_id) as session:
        found = live(session, token, at=at)
        if found is None:
            return
        row, user = found
        row.revoked_at = at
        if row.second_factor_at is not None:
            audit.record(session, Action.SIGNED_OUT, by=user, at=at, object_id=row.id)


def sessions_of(user: User, *, at: datetime) -> list[AuthSession]:
    """Those that have not ended, the latest used first."""
    query = select(AuthSession).where(AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None))
    with unit_of_work(user.clinic_id) as session:
        rows = session.scalars(query.order_by(AuthSession.last_seen_at.desc(), AuthSession.id)).all()
        return [row for row in rows if seconds_left(row, at=at)]


def revoke_session(session_id: str, *, by: User, at: datetime) -> None:
    """End one session: one's own, or as an administrator of the clinic anybody's. Raises NotFoundError."""
    with unit_of_work(by.clinic_id) as session:
        row = session.get(AuthSession, session_id) if is_id(session_id) else None
        if row is None or (row.user_id != by.id and Role.ADMINISTRATOR not in by.roles):
            raise NotFoundError("session")
        if row.revoked_at is None:
            row.revoked_at = at
            audit.record(session, Action.SESSION_REVOKED, by=by, at=at, object_id=row.id)


def revoke_all(session: Session, user: User, *, at: datetime, but: str | None = None) -> None:
    """End all sessions of somebody, inside the caller's unit of work; ``but`` is the id of one that goes on."""
    mine = (AuthSession.clinic_id == user.clinic_id, AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None))
    query = update(AuthSession).where(*mine).values(revoked_at=at)
    session.execute(query if but is None else query.where(AuthSession.id != but))


def _row(session: Session, token: str) -> AuthSession | None:
    query = select(AuthSession).where(AuthSession.token_sha256 == token_hash(token))
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _user(session: Session, user_id: str) -> User | None:
    query = select(User).where(User.id == user_id).execution_options(populate_existing=True)
    user = session.scalars(query).one()
    return user if user.disabled_at is None else None
