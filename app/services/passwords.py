"""Passwords: argon2id, and never two hashes too many at once."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200

_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
_AT_ONCE = BoundedSemaphore(2)  # each takes 64 MiB
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$55Fh/4RnLGhYGPq2FBV3xw$Gn27W1mxpvd+ASUE1bJoMa/qJOdf0M6UC250/w/WqSc"
"""Of a random password that nobody kept: what an unknown person's attempt is measured against."""


def hashed(password: str) -> str:
    """The hash to keep."""
    with _AT_ONCE:
        return _HASHER.hash(_bytes(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether ``password`` made the ``kept`` hash. For somebody unknown (None) it takes as long, and is False."""
    fits = len(password) <= LONGEST
    with _AT_ONCE:
        try:
            right = _HASHER.verify(kept or NOBODY, _bytes(password) if fits else b"")
        except (VerificationError, InvalidHashError):
            return False
    return right and fits and kept is not None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")  # whatever a browser sent is simply wrong, never a fault


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(kept)
