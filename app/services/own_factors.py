"""What somebody does about their own second factor. Other sign-ins of theirs end with it. Passkeys: ``passkeys``."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import InvalidError, NotAllowedError
from app.models import Action, AuthSession, User
from app.services import audit, second_factor, sessions
from app.services.accounts import SignedIn, count_code, given
from app.services.second_factor import Method


def add_app(token: str, secret: str, code: str, *, at: datetime) -> SignedIn:
    """Take an authenticator app, which its first code proves; other sessions end, and there are new recovery codes.

    A session that lacks its second factor is completed by it, unless the person has a factor already: then that one is
    asked for. Raises CodeError, TooManyError, NotAllowedError, NotSignedInError.
    """
    with sessions.held(token, at=at) as (session, row, user):
        if row.second_factor_at is None and second_factor.methods_in(session, user):
            raise NotAllowedError
        wait = count_code(session, row, user.id, at=at)
        done = None
        if not wait and second_factor.keep_app(session, user, secret, code, at=at):
            done = _renewed(session, row, user, at=at)
    return given(done, wait)


def _renewed(session: Session, row: AuthSession, user: User, *, at: datetime) -> SignedIn:
    """After another second factor: end what rests on the old, and hand out new recovery codes."""
    sessions.revoke_all(session, user, at=at, but=row.id)
    codes = second_factor.new_codes(session, user, at=at)
    if row.second_factor_at is None:
        return SignedIn(user, sessions.completed(session, row, user, detail=Method.TOTP.value, at=at), codes=codes)
    return SignedIn(user, sessions.proved(row, at=at), codes=codes)


def remove_app(token: str, *, at: datetime) -> SignedIn:
    """Do without the app, where another factor is left or none is asked for. Raises InvalidError, NotSignedInError."""
    with sessions.held(token, at=at) as (session, row, user):
        left = second_factor.methods_in(session, user) - {Method.TOTP, Method.RECOVERY}
        if user.clinic.requires_second_factor and not left:
            raise InvalidError({"app": ["Your clinic asks for a second factor. Add a passkey first."]})
        second_factor.forget_app(session, user)
        audit.record(session, Action.SECOND_FACTOR_REMOVED, by=user, at=at, object_id=user.id, detail=Method.TOTP.value)
        sessions.revoke_all(session, user, at=at, but=row.id)
        return SignedIn(user, sessions.proved(row, at=at))


def renew_codes(token: str, *, at: datetime) -> SignedIn:
    """New recovery codes; the old ones are worthless. Raises InvalidError, NotSignedInError."""
    with sessions.held(token, at=at) as (session, row, user):
        if not second_factor.methods_in(session, user):
            raise InvalidError({"codes": ["Set up a second factor first: without one there is nothing to recover."]})
        return _renewed(session, row, user, at=at)
