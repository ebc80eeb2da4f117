"""The second factor: codes of an app (TOTP, RFC 6238) and recovery codes. Passkeys have a module of their own."""

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime
from enum import StrEnum

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.models import Action, Passkey, RecoveryCode, User
from app.services import audit

STEP_SECONDS = 30
STEPS = (-1, 0, 1)
"""Steps whose codes count: clocks differ, and people take a moment to type."""
RECOVERY_CODES, RECOVERY_OCTETS = 10, 15
ISSUER = "Holdwell"

_DIGITS = re.compile(r"[0-9](?: ?[0-9]){5}")
_RECOVERY = re.compile(r"[A-Z2-7]{24}")


class Method(StrEnum):
    """Ways to show more than a password."""

    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY = "recovery"


def methods_of(user: User) -> frozenset[Method]:
    """Which of them somebody has."""
    with unit_of_work(user.clinic_id) as session:
        return methods_in(session, user)


def methods_in(session: Session, user: User) -> frozenset[Method]:
    """Which of them somebody has, inside the caller's unit of work."""
    # Asked of the database, not of the row at hand: that may have been read before the factor was taken away.
    confirmed_at = session.scalar(select(User.totp_confirmed_at).where(User.id == user.id))
    found = {Method.TOTP} if confirmed_at is not None else set()
    if session.scalar(select(Passkey.id).where(Passkey.user_id == user.id).limit(1)) is not None:
        found.add(Method.PASSKEY)
    if found and codes_left(session, user):  # without a factor to recover, the codes open nothing
        found.add(Method.RECOVERY)
    return frozenset(found)


def codes_left(session: Session, user: User) -> int:
    """How many recovery codes have not been used."""
    query = select(func.count()).select_from(RecoveryCode)
    return session.scalar(query.where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))) or 0


def is_asked_of(session: Session, user: User) -> bool:
    """Whether a password alone is not enough for this person."""
    return user.clinic.requires_second_factor or bool(methods_in(session, user))


def new_secret() -> str:
    """For an app: 160 random bits in base32."""
    return pyotp.random_base32()


def address_for_app(user: User, secret: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The latest step whose code this is, of those that count now; None when it is none of them."""
    if not _DIGITS.fullmatch(code):
        return None
    digits, now = code.replace(" ", ""), int(at.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret)
    fitting = [now + step for step in STEPS if hmac.compare_digest(app.generate_otp(now + step), digits)]
    # Two neighbours may have the same code: with the later one spent, it can't be used for the other.
    return max(fitting, default=None)


def spend(session: Session, user: User, code: str, *, at: datetime) -> Method | None:
    """Use up a code of either kind; returns which it was, None when it is wrong or was used before."""
    if _spent_app_code(session, user, code, at=at):
        return Method.TOTP
    if _spent_recovery_code(session, user, code, at=at):
        audit.record(session, Action.RECOVERY_CODE_USED, by=user, at=at, object_id=user.id)
        return Method.RECOVERY
    return None


def _spent_app_code(session: Session, user: User, code: str, *, at: datetime) -> bool:
    query = select(User).where(User.id == user.id).with_for_update(of=User)
    locked = session.scalars(query.execution_options(populate_existing=True)).one()
    if locked.totp_secret is None or locked.totp_confirmed_at is None:
        return False
    step = step_of(locked.totp_secret, code, at=at)
    if step is None or (locked.totp_last_step is not None and step <= locked.totp_last_step):
        return False
    locked.totp_last_step = step
    return True


def _spent_recovery_code(session: Session, user: User, code: str, *, at: datetime) -> bool:
    tidied = code.upper().replace("-", "").replace(" ", "") if code.isascii() else ""
    if not _RECOVERY.fullmatch(tidied):
        return False
    used = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.clinic_id == user.clinic_id, RecoveryCode.user_id == user.id)
        .where(RecoveryCode.code_sha256 == _hashed(tidied), RecoveryCode.used_at.is_(None))
        .values(used_at=at)
        .returning(RecoveryCode.id)
    )
    return used.one_or_none() is not None


def keep_app(session: Session, user: User, secret: str, code: str, *, at: datetime) -> bool:
    """Take an app whose first code proves that it has the secret, in place of the one there was. Spends the code."""
    step = step_of(secret, code, at=at)
    if step is None or user.totp_secret == secret:  # the same form once more, with a code that is spent
        return False
    user.totp_secret, user.totp_confirmed_at, user.totp_last_step = secret, at, step
    audit.record(session, Action.SECOND_FACTOR_ADDED, by=user, at=at, object_id=user.id, detail=Method.TOTP.value)
    return True


def forget_app(session: Session, user: User) -> None:
    """As if there had never been an app. Without another factor the recovery codes go as well."""
    user.totp_secret = user.totp_confirmed_at = user.totp_last_step = None
    session.flush()
    if not methods_in(session, user):
        forget_codes(session, user)


def forget_all(session: Session, user: User) -> None:
    """No second factor of any kind: at the next sign-in the person chooses one. The caller ends the sessions."""
    session.execute(delete(Passkey).where(Passkey.clinic_id == user.clinic_id, Passkey.user_id == user.id))
    forget_app(session, user)


def forget_codes(session: Session, user: User) -> None:
    """Make the recovery codes worthless."""
    mine = (RecoveryCode.clinic_id == user.clinic_id, RecoveryCode.user_id == user.id)
    session.execute(delete(RecoveryCode).where(*mine))


def new_codes(session: Session, user: User, *, at: datetime) -> tuple[str, ...]:
    """Ten recovery codes, to be shown this once; older ones are worthless from now on."""
    forget_codes(session, user)
    codes = [base64.b32encode(secrets.token_bytes(RECOVERY_OCTETS)).decode() for _ in range(RECOVERY_CODES)]
    for code in codes:
        session.add(RecoveryCode(clinic_id=user.clinic_id, user_id=user.id, code_sha256=_hashed(code), created_at=at))
    audit.record(session, Action.RECOVERY_CODES_MADE, by=user, at=at, object_id=user.id)
    return tuple(in_fours(code, "-") for code in codes)


def in_fours(text: str, between: str = " ") -> str:
    """In groups of four, as one reads and types it."""
    return between.join(text[place : place + 4] for place in range(0, len(text), 4))


def _hashed(code: str) -> str:
    # A fast hash is enough: nobody guesses 120 random bits.
    return hashlib.sha256(code.encode()).hexdigest()
