"""Passkeys (WebAuthn): a second factor that signs for one address, so that there is nothing to read out or to type.

Every ceremony begins with a challenge that is kept with the session and taken away by the first answer to it.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, NotAllowedError, PasskeyError, TooManyError
from app.models import Action, AuthSession, Passkey, User
from app.services import audit, second_factor, sessions, throttle
from app.services.accounts import SignedIn
from app.services.owned import fetch_own
from app.services.words import text_problems, tidy

DETAIL = "passkey"
"""In the trail."""
LONGEST_NAME = 60
MOST = 10
"""Passkeys of one person."""
CHALLENGE_LENGTH = 32
CHALLENGE_LIFE = timedelta(minutes=5)
LONGEST_CREDENTIAL_ID = 1023
"""Octets (WebAuthn, section 5.8.3)."""
ONLY_FACTOR = "Your clinic requires a second factor, and this is your only one. Add another one first."
DEFAULT_PORTS = {"https": 443, "http": 80}

Credential = Mapping[str, object]
"""What the browser sent of a ceremony, as JSON."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys of this service work: from its configuration, never from a request."""

    rp_id: str
    origin: str


def site_of(base_url: str) -> Site:
    """The site that people reach at that address."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    port = "" if parts.port in {None, DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return Site(rp_id=host, origin=f"{parts.scheme}://{host}{port}")


def of_user(by: User) -> Sequence[Passkey]:
    """The passkeys of ``by``, oldest first."""
    with unit_of_work(by.clinic_id) as session:
        return _of(session, by)


def options_to_add(token: str, *, site: Site, at: datetime) -> str:
    """What a browser is told to make a new passkey with, as JSON.

    Raises NotSignedInError, NotAllowedError, ConflictError when there are too many.
    """
    with sessions.held(token, at=at) as (session, row, user):
        known = _of(session, user)
        _refuse_early(session, row, user)
        _refuse_more(known)
        options = webauthn.generate_registration_options(
            rp_id=site.rp_id,
            rp_name="Holdwell",
            user_id=user.id.encode(),
            user_name=user.email,
            user_display_name=user.name,
            challenge=_challenge(row, at=at),
            timeout=int(CHALLENGE_LIFE.total_seconds() * 1000),
            authenticator_selection=AuthenticatorSelectionCriteria(
                # A second factor is always asked for by name: it takes none of a key's few places.
                resident_key=ResidentKeyRequirement.DISCOURAGED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_descriptors(known),
        )
    return webauthn.options_to_json(options)


def add(token: str, *, name: str, credential: Credential, site: Site, at: datetime) -> SignedIn:
    """Keep the passkey that the browser made, and end the person's other sign-ins. With a first factor come codes.

    Raises InvalidError by field, PasskeyError, NotSignedInError, NotAllowedError, ConflictError.
    """
    name = tidy(name)
    wrong = text_problems(name, least=1, most=LONGEST_NAME, missing="Give the passkey a name, such as “Blue key”.")
    if wrong:
        raise InvalidError({"name": wrong})
    signed_in = None
    try:
        with sessions.held(token, at=at) as (session, row, user):
            _refuse_early(session, row, user)
            _refuse_more(_of(session, user))
            passkey = _made(_taken(row, at=at), credential, site)
            if passkey is not None:
                passkey.clinic_id, passkey.user_id = user.clinic_id, user.id
                passkey.name, passkey.created_at = name, at
                signed_in = _kept(session, row, passkey, user=user, at=at)
    except IntegrityError as error:
        raise PasskeyError("taken") from error
    if signed_in is None:
        raise PasskeyError("wrong")
    return signed_in


def options_to_prove(token: str, *, site: Site, at: datetime) -> str:
    """What a browser is told to have signed, as JSON. Raises PasskeyError for who has no passkey, NotSignedInError."""
    with sessions.held(token, at=at) as (session, row, user):
        known = _of(session, user)
        if not known:
            raise PasskeyError("unknown")
        options = webauthn.generate_authentication_options(
            rp_id=site.rp_id,
            challenge=_challenge(row, at=at),
            timeout=int(CHALLENGE_LIFE.total_seconds() * 1000),
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
    return webauthn.options_to_json(options)


def prove(token: str, *, credential: Credential, site: Site, at: datetime) -> SignedIn:
    """The second step of a sign-in, or another proof: what a passkey of the person signed.

    Raises PasskeyError, TooManyError, NotSignedInError. A refusal is kept in the trail.
    """
    with sessions.held(token, at=at) as (session, row, user):
        wait = throttle.passkey(session, row.id, at=at)
        passkey = _named(session, credential, by=user)
        challenge = _taken(row, at=at)
        refusal = "too_many" if wait else _refusal(passkey, challenge, credential, site)
        if refusal is None and passkey is not None:
            passkey.last_used_at = at
            return SignedIn(user, sessions.completed(session, row, user, detail=DETAIL, at=at))
        if not wait or throttle.is_news(session, f"passkeys-{row.id}", at=at):
            _note_refusal(session, passkey, f"{DETAIL}_{refusal}", by=user, at=at)
    # Outside the unit of work, in which what was counted and noted has to stay.
    if wait:
        raise TooManyError(wait)
    raise PasskeyError(str(refusal))


def remove(token: str, passkey_id: str, *, at: datetime) -> SignedIn:
    """Forget a passkey, and end the person's other sign-ins.

    Raises NotFoundError for somebody else's, ConflictError for the last factor of a person whose clinic requires one.
    """
    with sessions.held(token, at=at) as (session, row, user):
        session.delete(fetch_own(session, Passkey, passkey_id, by=user))
        session.flush()
        if not second_factor.methods_in(session, user):
            if user.clinic.requires_second_factor:
                raise ConflictError(ONLY_FACTOR)
            second_factor.forget_codes(session, user)
        sessions.revoke_all(session, user, at=at, but=row.id)
        audit.record(session, Action.SECOND_FACTOR_REMOVED, by=user, at=at, object_id=passkey_id, detail=DETAIL)
        return SignedIn(user, sessions.proved(row, at=at))


def _kept(session: Session, row: AuthSession, passkey: Passkey, *, user: User, at: datetime) -> SignedIn:
    is_first = not second_factor.methods_in(session, user)
    session.add(passkey)
    session.flush()
    sessions.revoke_all(session, user, at=at, but=row.id)
    audit.record(session, Action.SECOND_FACTOR_ADDED, by=user, at=at, object_id=passkey.id, detail=DETAIL)
    codes = second_factor.new_codes(session, user, at=at) if is_first else ()
    if row.second_factor_at is None:
        return SignedIn(user, sessions.completed(session, row, user, detail=DETAIL, at=at), codes=codes)
    return SignedIn(user, sessions.proved(row, at=at), codes=codes)


def _of(session: Session, by: User) -> Sequence[Passkey]:
    query = select(Passkey).where(Passkey.user_id == by.id).order_by(Passkey.created_at, Passkey.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _refuse_early(session: Session, row: AuthSession, by: User) -> None:
    """A password alone adds a factor only for somebody who has none: else it would be worth as much as both."""
    if row.second_factor_at is None and second_factor.methods_in(session, by):
        raise NotAllowedError


def _refuse_more(known: Sequence[Passkey]) -> None:
    if len(known) >= MOST:
        raise ConflictError(f"You have {MOST} passkeys. Remove one before you add another.")


def _challenge(row: AuthSession, *, at: datetime) -> bytes:
    row.challenge, row.challenge_expires_at = secrets.token_bytes(CHALLENGE_LENGTH), at + CHALLENGE_LIFE
    return row.challenge


def _taken(row: AuthSession, *, at: datetime) -> bytes | None:
    """The session's challenge, which is gone from now on; None where none was asked for, or too long ago."""
    challenge, until = row.challenge, row.challenge_expires_at
    row.challenge = row.challenge_expires_at = None
    return bytes(challenge) if challenge is not None and until is not None and at < until else None


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=bytes(one.credential_id)) for one in known]


def _made(challenge: bytes | None, credential: Credential, site: Site) -> Passkey | None:
    """The passkey in the browser's answer; None when anything about it is not as it must be."""
    if challenge is None:
        return None
    try:
        made = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
        )
    except Exception:  # noqa: BLE001 - octets of a stranger's making: however the library stumbles, it is a refusal
        return None
    if len(made.credential_id) > LONGEST_CREDENTIAL_ID:
        return None
    return Passkey(credential_id=made.credential_id, public_key=made.credential_public_key, sign_count=made.sign_count)


def _named(session: Session, credential: Credential, *, by: User) -> Passkey | None:
    """The passkey of ``by`` that the answer names. One of somebody else is not found."""
    try:
        credential_id = webauthn.base64url_to_bytes(str(credential.get("rawId")))
    except ValueError:
        return None
    query = select(Passkey).where(Passkey.user_id == by.id, Passkey.credential_id == credential_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _note_refusal(session: Session, passkey: Passkey | None, why: str, *, by: User, at: datetime) -> None:
    object_id = passkey.id if passkey else None
    action = Action.SECOND_FACTOR_REFUSED
    audit.record(session, action, by=by, at=at, object_id=object_id, outcome="refused", detail=why)


def _refusal(passkey: Passkey | None, challenge: bytes | None, credential: Credential, site: Site) -> str | None:
    """Why the answer is refused, as a word; None when it is right. Then the passkey has its new count."""
    if challenge is None:
        return "late"
    if passkey is None:
        return "unknown"
    try:
        said: Any = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,  # compared below: only what is signed says anything about copies
        )
    except Exception:  # noqa: BLE001 - as above
        return "wrong"
    if (said.new_sign_count or passkey.sign_count) and said.new_sign_count <= passkey.sign_count:
        return "copied"
    passkey.sign_count = said.new_sign_count
    return None
