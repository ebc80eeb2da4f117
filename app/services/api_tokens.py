"""Tokens for the clinic's own programs: each acts as its user, within its scopes, until its end. Only hashes are kept.

Whose a token is that comes in with a request: ``app.services.sessions``.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, NotFoundError, NotSignedInError
from app.models import Action, ApiToken, User
from app.services import audit
from app.services.owned import fetch, fetch_own
from app.services.tokens import new_token, token_hash
from app.services.words import text_problems, tidy

PREFIX = "hw_"
"""By which a token that lies where it should not is recognised."""
LONGEST_DAYS = 366
LONGEST_NAME = 120
MOST = 50
"""Tokens of one person that work."""


def add(*, name: str, scopes: Collection[str], allowed: Collection[str], days: int, by: User, at: datetime) -> str:
    """A new token of ``by``, with scopes of those that are ``allowed`` them. It is shown once.

    Raises InvalidError by field, ConflictError when there are too many, NotSignedInError when a reset came in between.
    """
    name = tidy(name)
    errors = {
        "name": text_problems(name, least=2, most=LONGEST_NAME, missing="Say what the token is for."),
        "scopes": _scope_problems(scopes, allowed),
        "days": () if 1 <= days <= LONGEST_DAYS else (f"Choose 1 to {LONGEST_DAYS} days.",),
    }
    found = {field: problems for field, problems in errors.items() if problems}
    if found:
        raise InvalidError(found)
    token = new_token(by.clinic_id, prefix=PREFIX)
    with unit_of_work(by.clinic_id) as session:
        _refuse_reset(session, by)
        if len(_living(session, by, at=at)) >= MOST:
            raise ConflictError(f"You have {MOST} tokens. Revoke one before you make another.")
        row = ApiToken(
            clinic_id=by.clinic_id,
            user_id=by.id,
            name=name,
            token_sha256=token_hash(token),
            scopes_text=",".join(sorted(set(scopes))),
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        session.add(row)
        session.flush()
        audit.record(session, Action.TOKEN_ADDED, by=by, at=at, object_id=row.id)
    return token


def _refuse_reset(session: Session, by: User) -> None:
    """A reset ends all tokens; none is made after it by who was let in before it."""
    owner = fetch(session, User, by.id, by=by, lock=True)
    proofs = (by.password_hash, by.totp_confirmed_at, None)
    if (owner.password_hash, owner.totp_confirmed_at, owner.disabled_at) != proofs:
        raise NotSignedInError


def of_user(by: User, *, at: datetime) -> Sequence[ApiToken]:
    """The tokens of ``by`` that work, newest first."""
    with unit_of_work(by.clinic_id) as session:
        return _living(session, by, at=at)


def revoke(token_id: str, *, by: User, at: datetime) -> None:
    """End a token of ``by``, for good. Raises NotFoundError, also for one that was revoked before."""
    with unit_of_work(by.clinic_id) as session:
        row = fetch_own(session, ApiToken, token_id, by=by)
        if row.revoked_at is not None:
            raise NotFoundError("token")
        row.revoked_at = at
        audit.record(session, Action.TOKEN_REVOKED, by=by, at=at, object_id=row.id)


def revoke_all(session: Session, user: User, *, why: str, by: User, at: datetime) -> int:
    """End all tokens of ``user``, inside the caller's unit of work, with an event for each; returns how many worked."""
    living = _living(session, user, at=at)
    for row in living:
        row.revoked_at = at
        audit.record(session, Action.TOKEN_REVOKED, by=by, at=at, object_id=row.id, detail=why)
    return len(living)


def _living(session: Session, by: User, *, at: datetime) -> Sequence[ApiToken]:
    query = (
        select(ApiToken)
        .where(ApiToken.user_id == by.id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > at)
        .order_by(ApiToken.created_at.desc(), ApiToken.id)
    )
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _scope_problems(scopes: Collection[str], allowed: Collection[str]) -> tuple[str, ...]:
    if not scopes:
        return ("Choose what the token may do.",)
    if not set(scopes) <= set(allowed):
        return ("Your role does not include all of this. Choose from the list.",)
    return ()
