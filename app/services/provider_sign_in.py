"""Coming in by the clinic's identity provider, and becoming somebody whom it is known to.

An administrator chooses the provider, and may choose a bad one. So nobody is ever recognised by what a provider says
of them, not even by a verified address: people connect their account there by an act of their own, signed in here or
with the link of an invitation. Only then does it count what the provider says of a second factor.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import (
    ConflictError,
    NotConnectedError,
    NotSignedInError,
    ProviderSignInError,
    TooManyError,
)
from app.models import Action, AuthSession, RateCounter, User
from app.scope import SIGN_IN
from app.services import accounts, audit, invitations, links, oidc, second_factor, sessions, throttle
from app.services.accounts import SignedIn
from app.services.keys import keyring
from app.services.links import Kind
from app.services.oidc import Attempt, Client
from app.services.outbound import OutboundError
from app.services.owned import fetch, is_id
from app.services.people import take_name
from app.services.providers import of
from app.services.tokens import clinic_of

SECONDS_AWAY = 600
"""The longest from leaving for the provider to coming back; and from there to saying that it is the right account."""
TAKEN = "That account at your clinic's provider is connected to somebody else here."
OF_THEIR_OWN = (
    "You have a second factor here, so an invitation alone does not connect you. Choose a password with the link of "
    "the invitation, sign in, and connect the two under “Your account”."
)
ONLY_WAY = "You have no password here: without your clinic's account you could not sign in any more."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """An account at the provider, whose owner has just signed in there."""

    issuer: str
    subject: str
    email: str | None
    """What to call it in front of its owner. It proves nothing here."""
    has_second_factor: bool


def begin(clinic_id: str, *, back: str, at: datetime) -> tuple[str, Attempt]:
    """Where to send the browser, and what it must bring back.

    Raises ProviderSignInError, the same for every cause, and TooManyError.
    """
    try:
        return oidc.begin(_client(clinic_id, back=back, at=at))
    except OutboundError as error:
        raise _refused(str(error)) from None


def find(clinic_id: str, attempt: Attempt, answer: Mapping[str, str], *, back: str, at: datetime) -> Found:
    """Whom the provider's answer proves. Raises as ``begin`` does."""
    client = _client(clinic_id, back=back, at=at)
    _use(clinic_id, attempt, at=at)
    try:
        proof = oidc.finish(client, attempt, answer, at=at)
    except OutboundError as error:
        raise _refused(str(error)) from None
    return Found(client.issuer, proof.subject, proof.email, proof.has_second_factor)


def sign_in(clinic_id: str, found: Found, *, browser: str, at: datetime) -> SignedIn:
    """Sign in whoever is connected to that account. Raises NotConnectedError for nobody, else ProviderSignInError."""
    with unit_of_work(clinic_id) as session:
        _hold(session, clinic_id, found)
        query = select(User).where(User.clinic_id == clinic_id, User.oidc_subject == found.subject)
        query = query.with_for_update(of=User).execution_options(populate_existing=True)
        user = session.scalars(query).one_or_none()
        if user is None:
            _log.warning("A sign-in by a clinic's provider was refused: nobody is connected")
            raise NotConnectedError
        if user.disabled_at is None:
            return _begun(session, user, found, browser=browser, at=at)
        audit.record(
            session, Action.SIGN_IN_REFUSED, by=user, at=at, object_id=user.id, outcome=audit.REFUSED, detail="oidc"
        )
    raise _refused("disabled")


def may_join(user: User) -> bool:
    """Whether somebody who is invited can accept by connecting an account, instead of choosing a password."""
    with unit_of_work(user.clinic_id) as session:
        return of(session, user.clinic_id) is not None and not _has_proof_of_their_own(session, user)


def join(token: str, found: Found, *, browser: str, at: datetime) -> SignedIn:
    """Accept an invitation by connecting that account instead of choosing a password.

    Raises LinkError, ConflictError for somebody who has a second factor here, AddressTakenError, ProviderSignInError.
    """
    user = invitations.invited(token, at=at)
    with _one_account_each(), unit_of_work(user.clinic_id) as session:
        _hold(session, user.clinic_id, found)
        user = fetch(session, User, user.id, by=user, lock=True)
        links.use(session, Kind.INVITATION, token, at=at)
        if _has_proof_of_their_own(session, user):
            raise ConflictError(OF_THEIR_OWN)
        _connect(session, user, found)
        audit.record(session, Action.INVITATION_ACCEPTED, by=user, at=at, object_id=user.id, detail="oidc")
        session.flush()
        return _begun(session, user, found, browser=browser, at=at)


def connect(token: str, found: Found, *, at: datetime) -> SignedIn:
    """Connect one's own account with the one at the provider. Every other session ends.

    Raises NotSignedInError, ConflictError, ProviderSignInError.
    """
    with _one_account_each(), unit_of_work(_clinic_of(token)) as session:
        row, user = _whole(session, token, at=at)
        _hold(session, user.clinic_id, found)
        user = fetch(session, User, user.id, by=user, lock=True)
        _connect(session, user, found)
        links.void(session, user, Kind.INVITATION, at=at)
        sessions.revoke_all(session, user, at=at, but=row.id)
        audit.record(session, Action.PROVIDER_CONNECTED, by=user, at=at, object_id=user.id)
        return SignedIn(user, sessions.proved(row, at=at))


def disconnect(token: str, *, at: datetime) -> SignedIn:
    """Come in with a password only. Every other session ends. Raises NotSignedInError, ConflictError."""
    with unit_of_work(_clinic_of(token)) as session:
        row, user = _whole(session, token, at=at)
        user = fetch(session, User, user.id, by=user, lock=True)
        if user.password_hash is None:
            raise ConflictError(ONLY_WAY)
        user.oidc_subject = None
        sessions.revoke_all(session, user, at=at, but=row.id)
        audit.record(session, Action.PROVIDER_DISCONNECTED, by=user, at=at, object_id=user.id)
        return SignedIn(user, sessions.proved(row, at=at))


def _client(clinic_id: str, *, back: str, at: datetime) -> Client:
    """The service, as the clinic's provider knows it. One step is counted, for a clinic that is not there as well."""
    row = None
    if is_id(clinic_id):
        with unit_of_work(clinic_id) as session:
            row = of(session, clinic_id)
    with unit_of_work(SIGN_IN) as session:
        known, ip = clinic_id if row else None, audit.origin.get().ip
        wait = throttle.provider_step(session, known, asked=clinic_id, ip=ip, at=at)
    if wait:
        raise TooManyError(wait)
    if row is None:
        raise _refused("unknown")
    return Client(issuer=row.issuer, client_id=row.client_id, client_secret=row.client_secret, back=back)


def _use(clinic_id: str, attempt: Attempt, *, at: datetime) -> None:
    """Let no attempt be brought back twice, though the browser that holds it may have kept a copy."""
    key = keyring().blind("provider_sign_in", attempt.state)
    try:
        with unit_of_work(clinic_id) as session:
            session.add(RateCounter(key=key, amount=1, expires_at=at + timedelta(seconds=2 * SECONDS_AWAY)))
    except IntegrityError:
        raise _refused("replayed") from None


def _hold(session: Session, clinic_id: str, found: Found) -> None:
    """Let nobody change the provider until this is over; and refuse what another one said before it was changed.

    The same name means somebody else at another issuer: an answer that was kept waiting must not outlive its own.
    """
    row = of(session, clinic_id, lock=True)
    if row is None or row.issuer != found.issuer:
        raise _refused("changed")


def _connect(session: Session, user: User, found: Found) -> None:
    taken = (User.clinic_id == user.clinic_id, User.oidc_subject == found.subject, User.id != user.id)
    if session.scalars(select(User.id).where(*taken)).one_or_none():
        raise ConflictError(TAKEN)
    take_name(session, user)
    user.oidc_subject = found.subject


def _has_proof_of_their_own(session: Session, user: User) -> bool:
    """Then nothing that a provider says, nor a link in a mail, stands in for it."""
    return user.password_hash is not None or bool(second_factor.methods_in(session, user))


def _begun(session: Session, user: User, found: Found, *, browser: str, at: datetime) -> SignedIn:
    more = "oidc" if found.has_second_factor else None
    return accounts.begin(session, user, browser=browser, at=at, second_factor_by=more)


@contextmanager
def _one_account_each() -> Iterator[None]:
    """For two who connect with one account in the same moment: only the database sees both."""
    try:
        yield
    except IntegrityError:
        raise ConflictError(TAKEN) from None


def _whole(session: Session, token: str, *, at: datetime) -> tuple[AuthSession, User]:
    """The session, second factor and all, and whose it is."""
    live = sessions.live(session, token, at=at)
    if live is None or live[0].second_factor_at is None:
        raise NotSignedInError
    return live


def _clinic_of(token: str) -> str:
    clinic_id = clinic_of(token)
    if clinic_id is None:
        raise NotSignedInError
    return clinic_id


def _refused(why: str) -> ProviderSignInError:
    # A word of ours: what the provider or the browser said may be anything, and stays out of the log too.
    _log.warning("A sign-in by a clinic's provider was refused: %s", why)
    return ProviderSignInError()
