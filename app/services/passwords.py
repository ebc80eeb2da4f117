"""Passwords: argon2id, never two hashes too many at once, and none that everybody would try."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # ships no types

from app.models import User
from app.services.words import searchable

SHORTEST, LONGEST = 12, 200

_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
_AT_ONCE = BoundedSemaphore(2)  # each takes 64 MiB
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$55Fh/4RnLGhYGPq2FBV3xw$Gn27W1mxpvd+ASUE1bJoMa/qJOdf0M6UC250/w/WqSc"
"""Of a random password that nobody kept: what an unknown person's attempt is measured against."""

_LIST = Path(__file__).with_name("common_passwords.txt")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
"""What a finger or a child runs along, forwards or backwards."""
_FOR_LETTERS = str.maketrans("013457@$!", "oieastasi")
_AT_THE_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
LEAKED: AbstractSet[str] = frozenset(FREQUENCY_LISTS["passwords"])
"""The 30,000 that were found most often in leaks, in small letters."""
SHORTEST_WORD = 4
"""Of the words about the person, shorter ones are no hint to anybody; nor is a leaked one once its digits are off."""

COMMON = "This is one of the passwords that are tried first. Three or four unusual words in a row are better."
ABOUT_YOU = "This is little more than a name that others know. Three or four unusual words in a row are better."


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


def renewed(kept: str, password: str) -> str:
    """The hash to keep from now on, of a password that matches: a stronger one where today's settings are stronger."""
    return hashed(password) if is_outdated(kept) else kept


def words_of(user: User) -> tuple[str, ...]:
    """What others know of somebody, and would try."""
    return (user.name, user.email, user.clinic.name)


def problems(password: str, *, words: Iterable[str] = ()) -> tuple[str, ...]:
    """Why not to take this one, as sentences; ``words`` are what others know of the person.

    Length counts, not kinds of characters (ASVS 5.0, 6.2).
    """
    if len(password) < SHORTEST:
        return (f"Take a password of {SHORTEST} characters or more.",)
    if len(password) > LONGEST:
        return (f"Take a password of {LONGEST} characters or fewer.",)
    plain = _plain(password)
    if any(map(_is_common, plain)):
        return (COMMON,)
    known = _known_to_others(words)
    return (ABOUT_YOU,) if any(_is_made_of(word, known) for word in plain) else ()


def _plain(password: str) -> set[str]:
    """The password, and what it comes down to without what people add to a word to make it pass."""
    typed = password.casefold()
    core = _AT_THE_EDGES.sub("", typed) or typed
    return {typed, typed[: typed.rindex(core) + len(core)], core, core.translate(_FOR_LETTERS)}


def _known_to_others(texts: Iterable[str]) -> set[str]:
    known = [searchable(text) for text in texts]
    parts = {part for text in known for part in re.split(r"\W+", text)}
    whole = {re.sub(r"[\W\d_]+", "", text) for text in known}  # an address has more than two parts
    return {part for part in parts | whole if len(part) >= SHORTEST_WORD}


def _is_common(word: str) -> bool:
    is_leaked = len(word) >= SHORTEST_WORD and word in LEAKED
    return is_leaked or word in _common() or _is_made_of(word, _common()) or _is_run(word) or _repeats(word)


def _is_made_of(word: str, known: AbstractSet[str]) -> bool:
    """Whether no more than two of the known words, and what is not a letter, make up all of it."""
    bare = re.sub(r"[\W\d_]+", "", word)
    return bare in known or any(bare[:cut] in known and bare[cut:] in known for cut in range(1, len(bare)))


def _is_run(word: str) -> bool:
    """Whether it runs along the alphabet, the digits or the keyboard in no more than three goes."""
    goes, at = 0, 0
    while at < len(word) and goes <= 3:  # noqa: PLR2004 - the docstring says three
        end = at + 1
        while end < len(word) and _follows(word[at : end + 1]):
            end += 1
        goes, at = goes + 1, end
    return at >= len(word) and goes <= 3  # noqa: PLR2004 - the same


def _follows(run: str) -> bool:
    return any(run in row or run in row[::-1] for row in _ROWS)


def _repeats(word: str) -> bool:
    """Whether it is one piece over and over, such as "abcabcabcabc"."""
    return (word + word).find(word, 1) < len(word)


@cache
def _common() -> frozenset[str]:
    """The words of the list; lines that begin with # are about it."""
    lines = _LIST.read_text(encoding="utf-8").split("\n")
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
