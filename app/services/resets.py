"""Ways back in for whoever has lost a password or a second factor. The one never stands in for the other."""

from dataclasses import dataclass
from datetime import datetime

from limits import RateLimitItemPerHour
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, TooManyError
from app.models import Action, User
from app.scope import SIGN_IN
from app.services import audit, links, passwords, second_factor
from app.services.invitations import refuse_weak
from app.services.links import Kind
from app.services.owned import fetch
from app.services.people import user_with_address
from app.services.rights import of_another, shut_out
from app.services.throttle import Counters, network

TO_ONE_PERSON = RateLimitItemPerHour(3, 1, "reset_mails")
"""Mails that strangers can have sent to somebody."""
FROM_ONE_PLACE = RateLimitItemPerHour(30, 1, "reset_places")
"""Requests from one network address: a whole clinic may stand behind it."""
ONE_HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Reset:
    """A way to a new password that was made just now."""

    user: User
    token: str
    """For the link. Only its hash is kept."""


@dataclass(frozen=True, slots=True)
class Done:
    """A reset that was made just now."""

    user: User
    tokens: int
    """How many API tokens worked until then."""


def count_asking(*, ip: str | None, at: datetime) -> None:
    """Count somebody who asks for a new password, whoever they say they are. Raises TooManyError."""
    with unit_of_work(SIGN_IN) as session:
        may = FixedWindowRateLimiter(Counters(session, at)).hit(FROM_ONE_PLACE, network(ip))
    if not may:
        raise TooManyError(ONE_HOUR_SECONDS)


def ask(*, email: str, at: datetime) -> Reset | None:
    """For somebody who says that this is their address; None where no mail is to be sent.

    That is so for an address without an account or a password here, and when it was asked for too often of late. The
    answer to the request must not depend on which it is, nor on how long this takes.
    """
    known = user_with_address(email)
    if known is None:
        return None
    with unit_of_work(known.clinic_id) as session:
        user = fetch(session, User, known.id, by=known, lock=True)
        if not _has_password(user) or not FixedWindowRateLimiter(Counters(session, at)).hit(TO_ONE_PERSON, user.id):
            return None
        return _reset(session, user, by=None, at=at)


def send(user_id: str, *, by: User, at: datetime) -> Reset:
    """For somebody whom an administrator helps. The old password works until a new one is chosen.

    Raises NotFoundError, OwnAccountError, and ConflictError for somebody without a password.
    """
    with unit_of_work(by.clinic_id) as session:
        user = of_another(session, user_id, by=by)
        if not _has_password(user):
            raise ConflictError("This person does not sign in with a password here, so there is none to reset.")
        return _reset(session, user, by=by, at=at)


def _has_password(user: User) -> bool:
    return user.disabled_at is None and user.password_hash is not None


def _reset(session: Session, user: User, *, by: User | None, at: datetime) -> Reset:
    token = links.make(session, Kind.PASSWORD_RESET, user=user, by=by, at=at)
    audit.record(session, Action.PASSWORD_RESET_ASKED, by=by or user, at=at, object_id=user.id)
    return Reset(user, token)


def whose(token: str, *, at: datetime) -> User:
    """Whose password this link renews. Raises LinkError."""
    with unit_of_work(links.clinic_id_of(Kind.PASSWORD_RESET, token)) as session:
        return links.owner(session, Kind.PASSWORD_RESET, token, at=at)


def choose(token: str, *, password: str, at: datetime) -> Done:
    """A new password. All sessions and API tokens end and nobody is signed in. Raises LinkError, InvalidError."""
    user = whose(token, at=at)
    refuse_weak(password, user=user)
    kept = passwords.hashed(password)  # outside the transaction: a hash takes a while, and SQLite has one writer
    with unit_of_work(user.clinic_id) as session:
        user = fetch(session, User, user.id, by=user, lock=True)
        links.use(session, Kind.PASSWORD_RESET, token, at=at)
        user.password_hash = kept
        tokens = shut_out(session, user, why="password_reset", by=user, at=at)
        audit.record(session, Action.PASSWORD_RESET, by=user, at=at, object_id=user.id)
    return Done(user, tokens)


def forget_second_factor(user_id: str, *, by: User, at: datetime) -> Done:
    """Take somebody's second factor away: at the next sign-in they choose a new one. Sessions and API tokens end.

    Raises NotFoundError, OwnAccountError.
    """
    with unit_of_work(by.clinic_id) as session:
        user = of_another(session, user_id, by=by)
        second_factor.forget_all(session, user)
        tokens = shut_out(session, user, why="factor_reset", by=by, at=at)
        audit.record(session, Action.SECOND_FACTOR_RESET, by=by, at=at, object_id=user.id)
    return Done(user, tokens)
