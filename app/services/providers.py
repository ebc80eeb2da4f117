"""A clinic's identity provider: set by its administrator, used by its people to sign in.

Nobody is added by signing in: the provider says who somebody is, the clinic who may come in. Beside what its own
provider says, an account of a clinic answers to nothing: people are only ever looked for in that one clinic.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, NotFoundError, ProviderSignInError, SignInError
from app.models import Action, IdentityProvider, RateCounter, SignInName, User
from app.services import accounts, audit, links, oidc, sessions
from app.services.accounts import SignedIn
from app.services.keys import keyring
from app.services.links import Kind
from app.services.oidc import Attempt, Client, Proof, issuer_problem
from app.services.outbound import OutboundError
from app.services.owned import fetch, is_id
from app.services.people import address_index
from app.services.words import address_of, text_problems

LONGEST_ISSUER, LONGEST_CLIENT_ID, LONGEST_SECRET = 300, 200, 500
SECONDS_AWAY = 600
"""The longest from leaving for the provider to coming back."""
MISSING = ("There is no client secret yet. Give the one that the provider made for this service.",)

_log = logging.getLogger(__name__)


def of_clinic(*, by: User) -> IdentityProvider | None:
    """The provider of the clinic of ``by``; None where it has none."""
    with unit_of_work(by.clinic_id) as session:
        return _of(session, by.clinic_id)


def change(*, issuer: str, client_id: str, client_secret: str, by: User, at: datetime) -> IdentityProvider:
    """Let the clinic's people sign in by this provider. An empty secret keeps the one that is there.

    With another issuer nobody is known to it any more: who somebody is, each issuer says in names of its own. Raises
    InvalidError by field.
    """
    issuer, client_id, client_secret = issuer.strip(), client_id.strip(), client_secret.strip()
    with unit_of_work(by.clinic_id) as session:
        row = _of(session, by.clinic_id, lock=True)
        has_secret = bool(client_secret) or row is not None
        _refuse(issuer, client_id, client_secret, has_secret=has_secret)
        if row is not None and row.issuer != issuer:
            _forget_everybody(session, by=by, at=at)
        if row is None:
            row = IdentityProvider(clinic_id=by.clinic_id, created_at=at)
        row.issuer, row.client_id = issuer, client_id
        if client_secret:
            row.client_secret = client_secret
        session.add(row)
        session.flush()
        audit.record(session, Action.PROVIDER_CHANGED, by=by, at=at, object_id=row.id, detail="set")
    return row


def remove(*, by: User, at: datetime) -> None:
    """Let nobody sign in by the provider any more. Raises NotFoundError where there is none."""
    with unit_of_work(by.clinic_id) as session:
        row = _of(session, by.clinic_id, lock=True)
        if row is None:
            raise NotFoundError("identity provider")
        _forget_everybody(session, by=by, at=at)
        audit.record(session, Action.PROVIDER_CHANGED, by=by, at=at, object_id=row.id, detail="removed")
        session.delete(row)


def forget(user: User, *, at: datetime) -> None:
    """Recognise somebody anew, whom the provider has given another account. Raises ConflictError."""
    with unit_of_work(user.clinic_id) as session:
        user = fetch(session, User, user.id, by=user, lock=True)
        if user.oidc_subject is None:
            raise ConflictError(f"{user.name} has not signed in by the clinic's provider.")
        _forget(session, user)
        sessions.revoke_all(session, user, at=at)
        audit.record(session, Action.USER_EDITED, by=user, at=at, object_id=user.id, detail="oidc_forgotten")


def begin(clinic_id: str, *, back: str) -> tuple[str, Attempt]:
    """Where to send the browser, and what it must bring back. Raises ProviderSignInError, the same for every cause."""
    try:
        return oidc.begin(_client(clinic_id, back=back))
    except OutboundError as error:
        raise _refused(str(error)) from None


def finish(
    clinic_id: str, attempt: Attempt, answer: Mapping[str, str], *, back: str, browser: str, at: datetime
) -> SignedIn:
    """Sign in whom the provider's answer names. Raises ProviderSignInError, the same for every cause."""
    client = _client(clinic_id, back=back)
    _use(clinic_id, attempt, at=at)
    try:
        proof = oidc.finish(client, attempt, answer, at=at)
        user = _known(clinic_id, proof, at=at)
        more = "oidc" if proof.has_second_factor else None
        return accounts.begin(user, browser=browser, at=at, second_factor_by=more)
    except OutboundError as error:
        raise _refused(str(error)) from None
    except SignInError:
        raise _refused("disabled") from None
    except IntegrityError:  # two came for the first time in the same moment
        raise _refused("twice") from None


def _of(session: Session, clinic_id: str, *, lock: bool = False) -> IdentityProvider | None:
    query = select(IdentityProvider).where(IdentityProvider.clinic_id == clinic_id)
    if lock:
        query = query.with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _client(clinic_id: str, *, back: str) -> Client:
    if not is_id(clinic_id):
        raise _refused("unknown")
    with unit_of_work(clinic_id) as session:
        row = _of(session, clinic_id)
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


def _known(clinic_id: str, proof: Proof, *, at: datetime) -> User:
    """Whom the clinic knows by that name; at the first time, by the verified address."""
    with unit_of_work(clinic_id) as session:
        query = select(User).where(User.clinic_id == clinic_id).with_for_update(of=User)
        query = query.execution_options(populate_existing=True)
        user = session.scalars(query.where(User.oidc_subject == proof.subject)).one_or_none()
        if user is None and proof.email is not None:
            is_new = (User.email == address_of(proof.email), User.oidc_subject.is_(None))
            user = session.scalars(query.where(*is_new)).one_or_none()
        if user is None:
            raise OutboundError("nobody")
        if user.disabled_at is None:
            _recognise(session, user, proof.subject, at=at)
        else:
            audit.record(
                session, Action.SIGN_IN_REFUSED, by=user, at=at, object_id=user.id, outcome=audit.REFUSED, detail="oidc"
            )
    if user.disabled_at is not None:
        raise OutboundError("disabled")
    return user


def _recognise(session: Session, user: User, subject: str, *, at: datetime) -> None:
    """From now on they are known by the provider's name for them. With it they accept an invitation, if one is open."""
    if user.oidc_subject is not None:
        return
    index = address_index(user.email)
    known = session.get(SignInName, index)
    if known is not None and known.user_id != user.id:
        raise OutboundError("taken")
    user.oidc_subject = subject
    if known is None:
        session.add(SignInName(address_index=index, clinic_id=user.clinic_id, user_id=user.id))
        links.void(session, user, Kind.INVITATION, at=at)
        audit.record(session, Action.INVITATION_ACCEPTED, by=user, at=at, object_id=user.id, detail="oidc")
    else:
        audit.record(session, Action.USER_EDITED, by=user, at=at, object_id=user.id, detail="oidc_known")


def _forget_everybody(session: Session, *, by: User, at: datetime) -> None:
    """Nobody is known by the provider any more, and what rests on its word ends; whoever does it stays signed in."""
    query = select(User).where(User.clinic_id == by.clinic_id, User.oidc_subject.is_not(None))
    for user in session.scalars(query.order_by(User.id).with_for_update(of=User)).all():
        _forget(session, user)
        if user.id != by.id:
            sessions.revoke_all(session, user, at=at)


def _forget(session: Session, user: User) -> None:
    """Without a password of their own they are as somebody who is invited, and can be invited again."""
    user.oidc_subject = None
    if user.password_hash is None:
        mine = (SignInName.clinic_id == user.clinic_id, SignInName.user_id == user.id)
        session.execute(delete(SignInName).where(*mine).execution_options(synchronize_session=False))


def _refuse(issuer: str, client_id: str, client_secret: str, *, has_secret: bool) -> None:
    wrong = issuer_problem(issuer)
    errors = {
        "issuer": (wrong,) if wrong else text_problems(issuer, most=LONGEST_ISSUER),
        "client_id": text_problems(
            client_id, least=1, most=LONGEST_CLIENT_ID, missing="Give the client ID that the provider made."
        ),
        "client_secret": text_problems(client_secret, most=LONGEST_SECRET) if has_secret else MISSING,
    }
    found = {field: problems for field, problems in errors.items() if problems}
    if found:
        raise InvalidError(found)


def _refused(why: str) -> ProviderSignInError:
    # A word of ours: what the provider or the browser said may be anything, and stays out of the log too.
    _log.warning("A sign-in by a clinic's provider was refused: %s", why)
    return ProviderSignInError()
