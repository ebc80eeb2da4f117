"""The chain of the audit trail: each row's code rests on the row before it, so that none can be altered unnoticed.

A row's text is a JSON object of its columns but for the code, without spaces, in ASCII, in the order of ``FIELDS``;
"at" is ISO 8601 in UTC with microseconds. Its code is HMAC-SHA-256 under the audit key of its key number, over the code
before it, in hexadecimal, and the text. Rows from before there was a chain have key number 0 and no code: their SHA-256
is the code before the first that has one (its form stands in migrations/versions/0002).
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = "0" * 64
"""What stands in the place of the code before the first."""

FIELDS = (
    "id",
    "clinic_id",
    "n",
    "at",
    "action",
    "outcome",
    "detail",
    "actor_id",
    "actor_roles",
    "object_id",
    "patient_id",
    "request_id",
    "ip",
    "agent_sha256",
    "pack_version",
    "key_number",
)
"""What a code vouches for, in this order."""

UNCHAINED = 0
"""Key number of the rows from before there was a chain."""
_OLD_FIELDS = ("n", "at", "action", "actor_id", "actor_roles", "object_id", "patient_id")
_UNKNOWN_THEN = {"outcome": "done", "mac": ""} | dict.fromkeys(
    ("detail", "request_id", "ip", "agent_sha256", "pack_version")
)
"""What the old rows can't say, and how that is written."""

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode

Row = Mapping[str, Any]
"""A row of the trail by column: FIELDS and "mac"."""
KeyOf = Callable[[int], bytes]
"""From a key number to the audit key. Raises KeyError for a number that there is no key of."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place in a clinic's trail."""

    n: int
    mac: str
    """What vouches for everything up to there."""


BEGINNING = Link(0, START)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row of a trail that is not what was written."""

    n: int
    why: str


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a trail could be followed."""

    link: Link
    fault: Fault | None = None


def text(row: Row) -> str:
    """What the row's code vouches for."""
    told = {name: row[name] for name in FIELDS}
    told["at"] = _instant(told["at"])
    return _encode(told)


def mac(key: bytes, previous: str, told: str) -> str:
    """The code of a row that says ``told``, after the code ``previous``."""
    return hmac.digest(key, (previous + told).encode(), "sha256").hex()


def verify(rows: Iterable[Row], *, key_of: KeyOf, pins: Mapping[int, str], after: Link = BEGINNING) -> Followed:
    """Follow a clinic's rows, which come in the order of their numbers, up to the first that is not as written.

    ``pins`` are codes that are known from elsewhere, by number. ``after`` is trusted.
    """
    link, old = after, _Old() if after == BEGINNING else None
    for row in rows:
        n = row["n"]
        if n != link.n + 1:
            return Followed(link, _misplaced(n, link.n + 1))
        old = old if row["key_number"] == UNCHAINED else None
        code, why = _chained(row, link.mac, key_of) if old is None else old.code(row)
        why = why or _unpinned(pins.get(n, code), code)
        if why is not None:
            return Followed(link, Fault(n, why))
        link = Link(n, code)
    return Followed(link)


def _misplaced(n: int, awaited: int) -> Fault:
    return Fault(awaited, "is missing") if n > awaited else Fault(n, "is out of its place")


def _unpinned(known: str, code: str) -> str | None:
    return None if known == code else "is not the one that the anchor knows"


def closed(followed: Followed, head: Link, pins: Mapping[int, str]) -> Fault | None:
    """What is wrong with a trail once its rows have come to an end at the same moment as ``head`` was read."""
    if followed.fault is not None:
        return followed.fault
    end = followed.link
    if max(pins, default=0) > end.n or head.n > end.n:
        return Fault(end.n + 1, "is missing")
    if head.n < end.n:
        return Fault(head.n + 1, "lies beyond the end of the trail")
    return None if head.mac == end.mac else Fault(end.n, "is not the one that the end of the trail knows")


def _chained(row: Row, previous: str, key_of: KeyOf) -> tuple[str, str | None]:
    try:
        key = key_of(row["key_number"])
    except KeyError:
        return "", f"names the audit key {row['key_number']}, which is not in the key file"
    code = mac(key, previous, text(row))
    return code, None if hmac.compare_digest(code, str(row["mac"])) else "was altered"


class _Old:
    """The rows from before there was a chain. One hash vouches for all of them."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def code(self, row: Row) -> tuple[str, str | None]:
        """What vouches for everything up to this row; and what the hash does not see and is wrong with it."""
        told = [row[name] for name in _OLD_FIELDS]
        told[1] = _instant(row["at"])
        self._hash.update((b"\n" if row["n"] > 1 else b"") + _encode(told).encode())
        says_more = any(row[name] != value for name, value in _UNKNOWN_THEN.items())
        return self._hash.hexdigest(), "says more than rows of its time could" if says_more else None


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
