"""How often something may be tried. Over the limit there is a sentence and a time to wait, never a lock-out.

Counters stand in the database, so that they hold for every process and outlive a restart. They are keyed hashes of what
they count, and what has expired is dropped whenever something is counted.
"""

import ipaddress
import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter
from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.errors import TooManyError
from app.models import Action, RateCounter, User
from app.scope import SIGN_IN
from app.services import audit
from app.services.keys import keyring

PASSWORDS = RateLimitItemPerMinute(10, 15, "passwords")
CODES = RateLimitItemPerMinute(10, 15, "codes")
"""Of strangers together for each account, and of each known browser, in any 15 minutes: the window moves, so that no
two halves make twenty."""
PROOFS = RateLimitItemPerMinute(10, 15, "proofs")
"""Of each person in sessions that are open: no stranger's guess counts among them."""
PASSKEYS = RateLimitItemPerMinute(10, 15, "passkeys")
"""Of each session. Nobody guesses a signature, so that there is no need to count by account."""
FROM_ONE_PLACE = RateLimitItemPerMinute(100, 15, "places")
"""Sign-ins from one network address: a whole clinic may stand behind it."""
PROVIDER_PLACES = RateLimitItemPerMinute(200, 15, "provider_places")
PROVIDER_CLINICS = RateLimitItemPerMinute(400, 15, "provider_clinics")
"""Steps to and from a clinic's identity provider, two to a sign-in: from one network address, and for one clinic."""
TOLD = RateLimitItemPerMinute(1, 15, "told")
"""How often the trail notes that an account is being tried too often."""
UNKNOWN = RateLimitItemPerMinute(10**6, 15, "unknown")
NETWORK_BITS, NEWER = 64, 6
"""Of IPv6, how much of an address is the network's: one person has as many of the rest as they like."""
PLACES = 16_384
"""Addresses share so many places to be counted in, whether somebody has them or not: however many are tried, no more
rows come of it, and a full place says nothing about an address."""


EXACT = {PASSWORDS, CODES, PROOFS, PASSKEYS}


class Quota(StrEnum):
    """What one person can only do so often."""

    RECORDS = "records"
    SEARCHES = "searches"
    EXPORTS = "exports"
    RENDERS = "renders"


PER_PERSON = {
    Quota.RECORDS: RateLimitItemPerSecond(1000, 60, "records"),
    Quota.SEARCHES: RateLimitItemPerSecond(300, 60, "searches"),
    Quota.EXPORTS: RateLimitItemPerMinute(30, 15, "exports"),
    Quota.RENDERS: RateLimitItemPerSecond(60, 60, "renders"),
}


class Counters(Storage, MovingWindowSupport):
    """Where the library counts: the table, inside the caller's unit of work, at the caller's time."""

    STORAGE_SCHEME: ClassVar[list[str] | None] = None  # type: ignore[misc]  # the library reads it from the class too

    def __init__(self, session: Session, at: datetime) -> None:
        """Count in ``session``; it is ``at`` now. Drops what has expired."""
        super().__init__()
        self._session, self.at = session, at
        # Rows that somebody else is renewing right now are passed over: waiting for one another would be a deadlock.
        old = select(RateCounter.key).where(RateCounter.expires_at <= at).with_for_update(skip_locked=True)
        session.execute(delete(RateCounter).where(RateCounter.key.in_(old)))

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the database may raise."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in a window that starts with the first; returns how many there are now."""
        return self._put(key, expiry, amount) or 0

    def get(self, key: str) -> int:
        """How many there are in the window."""
        row = self._row(key)
        return row.amount if row else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends."""
        row = self._row(key)
        return (row.expires_at if row else self.at).timestamp()

    def check(self) -> bool:
        """Whether the table can be read."""
        return self._session.scalar(select(func.count()).select_from(RateCounter)) is not None

    def reset(self) -> int | None:
        """Forget everything."""
        keys = self._session.scalars(delete(RateCounter).returning(RateCounter.key)).all()
        return len(keys)

    def clear(self, key: str) -> None:
        """Forget what a fixed window counted."""
        self._session.execute(delete(RateCounter).where(RateCounter.key == keyring().blind("rate", key)))

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Take one of ``limit`` places, each of which is taken for as long as the window: never more in any window."""
        taken = 0
        for place in range(limit):
            taken += self._put(f"{key}/{place}", expiry, 1, only_if_free=True) is not None
            if taken == amount:
                return True
        return False

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest entry was made, and how many there are."""
        keys = [keyring().blind("rate", f"{key}/{place}") for place in range(limit)]
        live = (RateCounter.key.in_(keys), RateCounter.expires_at > self.at)
        first, count = self._session.execute(
            select(func.min(RateCounter.expires_at, type_=RateCounter.expires_at.type), func.count()).where(*live)
        ).one()
        return (first or self.at + timedelta(seconds=expiry)).timestamp() - expiry, count

    def _row(self, key: str) -> RateCounter | None:
        query = select(RateCounter).where(RateCounter.key == keyring().blind("rate", key))
        row = self._session.scalars(query.execution_options(populate_existing=True)).one_or_none()
        return row if row is not None and row.expires_at > self.at else None

    def _put(self, key: str, expiry: float, amount: int, *, only_if_free: bool = False) -> int | None:
        """Add to the row, or begin it anew where its time is over: in one statement, against others who count too."""
        insert = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        statement = insert(RateCounter).values(
            key=keyring().blind("rate", key), amount=amount, expires_at=self.at + timedelta(seconds=expiry)
        )
        new, is_over = statement.excluded, RateCounter.expires_at <= self.at
        changes = {
            "amount": case((is_over, new.amount), else_=RateCounter.amount + new.amount),
            "expires_at": case((is_over, new.expires_at), else_=RateCounter.expires_at),
        }
        statement = statement.on_conflict_do_update(
            index_elements=["key"], set_=changes, where=is_over if only_if_free else None
        )
        return self._session.scalar(statement.returning(RateCounter.amount))


def guesser(address: str, device: str | None) -> str:
    """Whose guesses at a password these are: of a browser that is known for the address, or of all strangers."""
    return f"device-{device}" if device else f"address-{_place(address)}"


def sign_in(session: Session, whose: str, *, ip: str | None, at: datetime) -> int:
    """Count an attempt at a password of a ``guesser``; returns the seconds to wait, 0 when it may go on.

    It never raises: what was counted stays counted only if the caller's unit of work commits.
    """
    counters = Counters(session, at)
    # Strangers behind one network address must not keep a known browser out that stands there too.
    wait = 0 if whose.startswith("device-") else _wait(counters, FROM_ONE_PLACE, network(ip))
    return wait or _wait(counters, PASSWORDS, whose)


def code(session: Session, whose: str, *, at: datetime) -> int:
    """Count an attempt at a second factor; returns the seconds to wait, 0 when it may go on."""
    return _wait(Counters(session, at), CODES, whose)


def provider_step(session: Session, clinic_id: str | None, *, asked: str, ip: str | None, at: datetime) -> int:
    """Count a step to or from a clinic's provider; returns the seconds to wait, 0 when it may go on.

    ``clinic_id`` is None where nobody has a provider under the id that was ``asked`` for: it counts just the same.
    """
    counters = Counters(session, at)
    whose = clinic_id or f"nobody-{_place(asked)}"
    return _wait(counters, PROVIDER_PLACES, network(ip)) or _wait(counters, PROVIDER_CLINICS, whose)


def proof(session: Session, user_id: str, *, at: datetime) -> int:
    """The same for somebody who proves again, in a session that is open, who they are."""
    return _wait(Counters(session, at), PROOFS, user_id)


def passkey(session: Session, session_id: str, *, at: datetime) -> int:
    """The same for an answer of a passkey."""
    return _wait(Counters(session, at), PASSKEYS, session_id)


def is_news(session: Session, what: str, *, at: datetime) -> bool:
    """Whether it is for the first time of late that this is tried too often: an attack must not fill the trail."""
    return not _wait(Counters(session, at), TOLD, what)


def nobody(session: Session, *, at: datetime) -> None:
    """Count somebody unknown, all in one row: refusing them takes as long as noting a known person's failure."""
    FixedWindowRateLimiter(Counters(session, at)).hit(UNKNOWN)


def per_person(user: User, quota: Quota, *, at: datetime) -> None:
    """Count one of what is dear. Raises TooManyError, which the trail notes once in a while."""
    with unit_of_work(SIGN_IN) as session:
        wait = _wait(Counters(session, at), PER_PERSON[quota], user.id)
        is_first = bool(wait) and is_news(session, f"{quota}-{user.id}", at=at)
    if is_first:
        with unit_of_work(user.clinic_id) as session:
            why = f"too_many_{quota}"
            audit.record(session, Action.ACCESS_REFUSED, by=user, at=at, outcome=audit.REFUSED, detail=why)
    if wait:
        raise TooManyError(wait)


def _place(asked: str) -> int:
    """Where it is counted what may not exist: however much is made up, no more rows come of it."""
    return int(keyring().blind("place", asked)[:8], 16) % PLACES


def _wait(counters: Counters, limit: RateLimitItem, whose: str) -> int:
    is_exact = limit in EXACT
    limiter = MovingWindowRateLimiter(counters) if is_exact else FixedWindowRateLimiter(counters)
    if limiter.test(limit, whose) and limiter.hit(limit, whose):  # refusing only reads: an attack is to be cheap
        return 0
    until = limiter.get_window_stats(limit, whose).reset_time
    return max(1, math.ceil(until - counters.at.timestamp()))


def network(ip: str | None) -> str:
    """The address; of the newer kind, the network it is in."""
    try:
        found = ipaddress.ip_address(ip or "")
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, NETWORK_BITS), strict=False)) if found.version == NEWER else str(found)
