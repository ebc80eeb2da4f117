"""What somebody sees of their own account, and how they end sign-ins of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.database import unit_of_work
from app.errors import NotFoundError
from app.models import Action, ApiToken, AuthSession, Passkey, User
from app.services import api_tokens, audit, passkeys, second_factor, sessions
from app.services.owned import fetch_own


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
