"""Browsers that somebody has signed in with before: what is tried in them is counted apart from strangers' guesses.

What such a browser carries opens nothing and names nobody: for each of a few accounts it holds random octets, and a
keyed hash of them with the account's id and ``SignInName.devices_key``. (OWASP, "Slow down online guessing attacks with
device cookies".)
"""

import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.database import unit_of_work
from app.models import SignInName, User
from app.models.base import new_id
from app.services.keys import keyring

LIFE = timedelta(days=180)
MOST = 8
"""Accounts that one browser is known for: a computer at a reception has several people."""
OCTETS = 16
BETWEEN = "~"

_ENTRY = re.compile(r"([0-9]{1,11})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


def known(carried: str, *, user_id: str, key: str, at: datetime) -> str | None:
    """The name by which the browser's tries at the account are counted; None where it is a stranger's."""
    for made_at, name, mac in _entries(carried):
        is_alive = 0 <= at.timestamp() - int(made_at) < LIFE.total_seconds()
        if hmac.compare_digest(mac, _mac(made_at, name, user_id, key)) and is_alive:
            return name
    return None


def known_in(session: Session, carried: str, user: User, *, at: datetime) -> str | None:
    """The same, inside the caller's unit of work."""
    key = _key(session, user)
    return known(carried, user_id=user.id, key=key, at=at) if key else None


def remember(carried: str, *, user: User, at: datetime) -> str:
    """What the browser is to carry from now on, after a sign-in of ``user``; what it knew of others stays."""
    with unit_of_work(user.clinic_id) as session:
        key = _key(session, user)
    if key is None:
        return carried  # without an address to sign in with, there is nothing to guess at
    others = [entry for entry in _entries(carried) if entry[2] != _mac(*entry[:2], user.id, key)]
    made_at, name = str(int(at.timestamp())), secrets.token_urlsafe(OCTETS)
    newest = (made_at, name, _mac(made_at, name, user.id, key))
    return BETWEEN.join(".".join(entry) for entry in (newest, *others[: MOST - 1]))


def forget(session: Session, user: User) -> None:
    """Make strangers of all browsers of ``user``, inside the caller's unit of work."""
    session.execute(update(SignInName).where(*_mine(user)).values(devices_key=new_id()))


def _key(session: Session, user: User) -> str | None:
    return session.scalars(select(SignInName.devices_key).where(*_mine(user))).one_or_none()


def _mine(user: User) -> tuple[ColumnElement[bool], ...]:
    return SignInName.clinic_id == user.clinic_id, SignInName.user_id == user.id


def _mac(made_at: str, name: str, user_id: str, key: str) -> str:
    return keyring().blind("device", made_at, name, user_id, key)


def _entries(carried: str) -> Iterator[tuple[str, str, str]]:
    for text in carried.split(BETWEEN, MOST)[:MOST]:
        found = _ENTRY.fullmatch(text)
        if found:
            yield found[1], found[2], found[3]
