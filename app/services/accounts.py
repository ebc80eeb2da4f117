"""How people prove who they are: with a password, then a second factor, and again before what is dangerous.

Every failure of a sign-in has one answer, after one time, whoever the address belongs to, if anybody.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import CodeError, InvalidError, NotSignedInError, SignInError, TooManyError
from app.models import Action, AuthSession, SignInName, User
from app.scope import SIGN_IN
from app.services import audit, devices, links, passwords, second_factor, sessions, throttle
from app.services.keys import keyring
from app.services.links import Kind
from app.services.sessions import (
    Identity,
    identify,
    identify_token,
    ran_out_on,
    revoke_all,
    revoke_session,
    sessions_of,
    sign_out,
)
from app.services.words import address_of

__all__ = [
    "Identity",
    "identify",
    "identify_token",
    "ran_out_on",
    "revoke_all",
    "revoke_session",
    "sessions_of",
    "sign_out",
]

WRONG_PASSWORD = "That is not your password."  # noqa: S105 - a sentence, no password


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A proof that was good."""

    user: User
    token: str
    """For the cookie, in place of any that there was. Only its hash is kept."""
    needs_second_factor: bool = False
    """Whether the session still opens nothing but the second step."""
    codes: tuple[str, ...] = ()
    """New recovery codes, to be shown this once."""


def sign_in(*, email: str, password: str, browser: str = "", device: str = "", at: datetime) -> SignedIn:
    """Open a session. Raises SignInError, the same for every cause and after the same time, or TooManyError.

    ``device`` is what the browser carries from earlier sign-ins: see ``devices``.
    """
    user = _person(address_of(email), device, at=at)
    kept = user.password_hash if user else None
    # Outside any transaction: a hash takes a while, and SQLite has one writer.
    is_right = passwords.matches(kept, password)
    if user is None or not is_right or user.disabled_at is not None:
        _note(user, "disabled" if is_right else "wrong_password", at=at)
        raise SignInError
    newer = passwords.renewed(kept or "", password)
    with unit_of_work(user.clinic_id) as session:
        user = _fresh(session, user.id, kept)
        user.password_hash = newer
        row, token = sessions.opened(session, user, browser=browser, at=at)
        if second_factor.is_asked_of(session, user):
            return SignedIn(user, token, needs_second_factor=True)
        return SignedIn(user, sessions.completed(session, row, user, detail="password", at=at))


def begin(
    session: Session, user: User, *, browser: str = "", at: datetime, second_factor_by: str | None = None
) -> SignedIn:
    """A session for somebody whom their clinic's provider has proved, and whose row the caller holds.

    ``second_factor_by`` says who asked for more than a password; None: our own second factor is asked for.
    """
    row, token = sessions.opened(session, user, browser=browser, at=at)
    if second_factor_by is None and second_factor.is_asked_of(session, user):
        return SignedIn(user, token, needs_second_factor=True)
    return SignedIn(user, sessions.completed(session, row, user, detail=second_factor_by or "oidc", at=at))


def give_code(token: str, code: str, *, device: str = "", at: datetime) -> SignedIn:
    """The second step: a code of the app, or a recovery code. Raises CodeError, TooManyError, NotSignedInError."""
    with sessions.held(token, at=at) as (session, row, user):
        whose = devices.known_in(session, device, user, at=at) or user.id
        wait = count_code(session, row, whose, at=at)
        method = None if wait else second_factor.spend(session, user, code, at=at)
        is_news = bool(wait) and throttle.is_news(session, f"codes-{whose}", at=at)
        done = None
        if method:
            done = SignedIn(user, sessions.completed(session, row, user, detail=method.value, at=at))
        elif not wait or is_news:
            why = "too_many" if wait else "wrong_code"
            audit.record(session, Action.SECOND_FACTOR_REFUSED, by=user, at=at, outcome="refused", detail=why)
    return given(done, wait, is_news=is_news)


def count_code(session: Session, row: AuthSession, whose: str, *, at: datetime) -> int:
    """Count a code, apart from strangers' where the session is open; returns the seconds to wait."""
    if row.second_factor_at is not None:
        return throttle.proof(session, row.user_id, at=at)
    return throttle.code(session, whose, at=at)


def passed_second_factor(token: str, *, detail: str, at: datetime) -> SignedIn:
    """The second step, or another proof, by a way that was checked elsewhere, such as a passkey."""
    with sessions.held(token, at=at) as (session, row, user):
        return SignedIn(user, sessions.completed(session, row, user, detail=detail, at=at))


def prove(token: str, *, password: str = "", code: str = "", at: datetime) -> SignedIn:
    """Prove again who one is: by password, or by code for whoever has none.

    Raises InvalidError beside the field, CodeError, TooManyError, NotSignedInError.
    """
    user = _whole(token, at=at)
    if user.password_hash is None:
        return give_code(token, code, at=at)
    _check_password(user, password, field="password", at=at)
    return passed_second_factor(token, detail="password", at=at)


def change_password(token: str, *, current: str, new: str, at: datetime) -> SignedIn:
    """A new password, for whoever knows the old one; every other session ends. Raises InvalidError, TooManyError."""
    user = _whole(token, at=at)
    _check_password(user, current, field="current", at=at)
    found = passwords.problems(new, words=passwords.words_of(user))
    if not found and new == current:
        found = ("This is the password you have now.",)
    if found:
        raise InvalidError({"new": found})
    kept = passwords.hashed(new)
    with sessions.held(token, at=at) as (session, row, user):
        set_password(session, user, kept, at=at, but=row.id)
        audit.record(session, Action.PASSWORD_CHANGED, by=user, at=at, object_id=user.id)
        return SignedIn(user, sessions.proved(row, at=at))


def set_password(session: Session, user: User, kept: str, *, at: datetime, but: str | None = None) -> None:
    """Store the hash of a new password. Sessions and links that rest on the old one end."""
    user.password_hash = kept
    devices.forget(session, user)
    revoke_all(session, user, at=at, but=but)
    links.void(session, user, Kind.PASSWORD_RESET, at=at)


def given(done: SignedIn | None, wait: int, *, is_news: bool = False) -> SignedIn:
    """What came of a code. Raises TooManyError, CodeError.

    Outside the unit of work, in which what was counted and noted has to stay.
    """
    if wait:
        raise TooManyError(wait, is_news=is_news)
    if done is None:
        raise CodeError
    return done


def _person(address: str, device: str, *, at: datetime) -> User | None:
    """Who has the address, with the attempt counted. Raises TooManyError.

    Up to there the same is done whether somebody has the address or not.
    """
    with unit_of_work(SIGN_IN) as session:
        name = session.get(SignInName, keyring().blind("address", address))
        user_id, key = (name.user_id, name.devices_key) if name else ("", "")
        whose = throttle.guesser(address, devices.known(device, user_id=user_id, key=key, at=at))
        wait = throttle.sign_in(session, whose, ip=audit.origin.get().ip, at=at)
        is_news = bool(wait) and throttle.is_news(session, f"passwords-{whose}", at=at)
    if wait and not is_news:
        raise TooManyError(wait)
    user = None
    if name is not None:
        with unit_of_work(name.clinic_id) as session:
            user = session.scalars(select(User).where(User.id == name.user_id)).one()
    if wait:
        _note(user, "too_many", at=at)
        raise TooManyError(wait)
    return user


def _check_password(user: User, password: str, *, field: str, at: datetime) -> None:
    with unit_of_work(SIGN_IN) as session:
        wait = throttle.proof(session, user.id, at=at)
        is_news = bool(wait) and throttle.is_news(session, f"proofs-{user.id}", at=at)
    if is_news:
        _note(user, "too_many", at=at)
    if wait:
        raise TooManyError(wait)
    if not passwords.matches(user.password_hash, password):
        _note(user, "wrong_password_again", at=at)
        raise InvalidError({field: [WRONG_PASSWORD]})


def _fresh(session: Session, user_id: str, kept: str | None) -> User:
    """As the database has them now: they may have been disabled, or given a new password, during the hashing.

    They are held until the unit of work ends: a reset that comes now waits, and ends what is begun here as well.
    """
    query = select(User).where(User.id == user_id).with_for_update(of=User)
    user = session.scalars(query.execution_options(populate_existing=True)).one()
    if user.disabled_at is not None or user.password_hash != kept:
        raise SignInError
    return user


def _note(user: User | None, why: str, *, at: datetime) -> None:
    """Leave a trace of a refused sign-in: for somebody unknown a counter, which takes as long."""
    if user is None:
        with unit_of_work(SIGN_IN) as session:
            throttle.nobody(session, at=at)
        return
    with unit_of_work(user.clinic_id) as session:
        audit.record(session, Action.SIGN_IN_REFUSED, by=user, at=at, object_id=user.id, outcome="refused", detail=why)


def _whole(token: str, *, at: datetime) -> User:
    """Whose session it is, second factor and all."""
    found = identify(token, at=at)
    if found is None or not found.is_whole:
        raise NotSignedInError
    return found.user
