"""The installation's master keys: a file outside the database, never in it.

Each line is a purpose, a number and a key; the highest number is used for what is written now, the others open what was
written before. Whoever has the file and the database reads everything; whoever has one of them reads nothing.
"""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

PURPOSES = ("fields", "index", "audit")
"""fields: wraps the clinics' data keys. index: blind look-ups. audit: the chain of the audit trail."""
RENEWABLE = ("fields", "audit")
"""What can have a second key. An index made with another key would find nothing of what was indexed before."""
KEY_LENGTH = 32
OTHERS = 0o077
"""Permission bits of everybody but the file's owner."""


class KeyringError(Exception):
    """A key file that can't be used; the sentence holds no key."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Numbered keys for each purpose. The highest number is used for what is written now."""

    keys: Mapping[str, Mapping[int, bytes]] = field(repr=False)
    source: Path | None = None
    """The file they came from; None for keys that were made up, as in tests."""

    def key(self, purpose: str, number: int) -> bytes:
        """The key of that number. Raises KeyringError when the file has lost it."""
        found = self.keys[purpose].get(number)
        if found is None:
            raise KeyringError(f"The key file has no key {number} for {purpose}. Put the lost line back.")
        return found

    def newest(self, purpose: str) -> int:
        """The number of the key that is used for what is written now."""
        return max(self.keys[purpose])

    def blind(self, *texts: str) -> str:
        """A keyed hash of texts, to find equals without keeping them: 64 hexadecimal digits."""
        message = "\x00".join(texts).encode("utf-8", "surrogatepass")
        return hmac.digest(self.key("index", 1), message, "sha256").hex()


def read(path: Path) -> Keyring:
    """The keys of the file: lines of purpose, number and 32 bytes in base64. Raises KeyringError."""
    lines = _lines(path)
    keys: dict[str, dict[int, bytes]] = {purpose: {} for purpose in PURPOSES}
    for place, line in enumerate(lines, start=1):
        purpose, number, key = _entry(line, f"Line {place} of the key file {path}")
        if number in keys[purpose]:
            raise KeyringError(f"Line {place} of the key file {path} gives key {number} for {purpose} once more.")
        keys[purpose][number] = key
    missing = [purpose for purpose in PURPOSES if not keys[purpose]]
    if missing:
        raise KeyringError(f"The key file {path} has no key for {', '.join(missing)}.")
    return Keyring(MappingProxyType(keys), path)


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_mode & OTHERS:
            raise KeyringError(f"The key file {path} can be opened by others. Make it yours alone: chmod 600 {path}")
        return path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyringError(f"The key file {path} can't be read.") from error


def _entry(line: str, where: str) -> tuple[str, int, bytes]:
    try:
        purpose, number, encoded = line.split()
        key = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise KeyringError(f"{where} is no purpose, number and key.") from None
    if purpose not in PURPOSES or not number.isdecimal() or len(key) != KEY_LENGTH:
        raise KeyringError(f"{where} is no purpose, number and key.")
    return purpose, int(number), key


def make(path: Path) -> None:
    """Make a first key file. Raises KeyringError where there is a file already."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new_file())
            os.fsync(file.fileno())
    except OSError as error:
        raise KeyringError(f"The key file {path} can't be made: {error.strerror}.") from error


def add(path: Path, purpose: str) -> int:
    """Append a new key to the file, and return its number. Raises KeyringError."""
    number = read(path).newest(purpose) + 1
    # In place: a new file in its stead might belong to somebody else than the service runs as.
    with path.open("r+") as file:
        ends_well = file.read().endswith("\n")
        file.write(("" if ends_well else "\n") + line(purpose, number))
        file.flush()
        os.fsync(file.fileno())
    return number


def line(purpose: str, number: int) -> str:
    """A line of the file, with a new random key."""
    return f"{purpose} {number} {base64.b64encode(secrets.token_bytes(KEY_LENGTH)).decode()}\n"


def new_file() -> str:
    """The text of a first key file."""
    return "".join(line(purpose, 1) for purpose in PURPOSES)
