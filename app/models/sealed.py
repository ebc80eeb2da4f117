"""Columns that are encrypted: AES-256-GCM under a key of the clinic, bound to their table, column and row.

A sealed value is the octet 1, the number of the data key (4 octets, big-endian), the nonce (12) and the ciphertext with
its tag. A value that was stored before there were keys is the octet 0 and the plain text, until ``flask migrate`` has
sealed it; nothing else reads it.
"""

import json
import secrets
import struct
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.models.base import new_id

PLAIN, SEALED = 0, 1
_HEAD = struct.Struct(">BI")
NONCE_LENGTH, TAG_LENGTH = 12, 16
OVERHEAD = _HEAD.size + NONCE_LENGTH + TAG_LENGTH
"""Octets that a sealed value has more than its plain one."""
GOOD_FOR_SECONDS = 60.0
"""How long loaded keys count as the newest: no process writes much longer under a key that another has followed."""


class UnsealableError(Exception):
    """A sealed value that was altered, moved to another row, or whose key is not at hand."""

    def __init__(self, why: str) -> None:
        """Keep ``why`` for whoever looks after the service; the sentence is for a clinician."""
        self.why = why
        super().__init__(
            "Part of this record was altered or damaged where it is stored, and is not shown. "
            "Tell the person who looks after this service."
        )


class DataKeys:
    """The data keys of the clinics that this process has worked for. ``app.services.keys`` fills it."""

    def __init__(self) -> None:
        """Know none."""
        self._keys: dict[str, Mapping[int, bytes]] = {}
        self._good_until: dict[str, float] = {}
        self.reload: Callable[[str], None] = lambda _clinic_id: None
        """Asks the database for a clinic's keys, for a value under a key that was made after they were loaded."""

    def remember(self, clinic_id: str, keys: Mapping[int, bytes]) -> None:
        """Number to key of 32 octets; in place of what was known of the clinic."""
        self._keys[clinic_id] = dict(keys)
        self._good_until[clinic_id] = monotonic() + GOOD_FOR_SECONDS

    def forget(self, clinic_id: str | None = None) -> None:
        """Know none of the clinic's again; without a clinic, none at all."""
        for known in [clinic_id] if clinic_id is not None else list(self._keys):
            self._keys.pop(known, None)
            self._good_until.pop(known, None)

    def has(self, clinic_id: str) -> bool:
        """Whether the clinic's keys are known, and were loaded lately."""
        return monotonic() < self._good_until.get(clinic_id, 0.0)

    def newest(self, clinic_id: str) -> tuple[int, bytes]:
        """Number and key for what is written now. Raises UnsealableError."""
        keys = self._keys.get(clinic_id)
        if not keys:
            raise UnsealableError("The clinic's data keys were not loaded.")
        return max(keys.items())

    def key(self, clinic_id: str, number: int) -> bytes:
        """The key of that number; one that is not known is asked for once. Raises UnsealableError."""
        if number not in self._keys.get(clinic_id, ()):
            self.reload(clinic_id)
        found = self._keys.get(clinic_id, {}).get(number)
        if found is None:
            raise UnsealableError("A stored value is under a data key that is not there.")
        return found


DATA_KEYS = DataKeys()


def seal(value: bytes, *, clinic_id: str, bound_to: str) -> bytes:
    """The value under the clinic's newest key; it opens only where it is bound to the same place."""
    number, key = DATA_KEYS.newest(clinic_id)
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return _HEAD.pack(SEALED, number) + nonce + AESGCM(key).encrypt(nonce, value, bound_to.encode())


def unseal(stored: bytes, *, clinic_id: str, bound_to: str) -> bytes:
    """The value. Raises UnsealableError when it is not what was sealed there."""
    try:
        kind, number = _HEAD.unpack_from(stored)
    except struct.error as error:
        raise UnsealableError("A stored value was cut off.") from error
    if kind != SEALED:  # a plain value too: else whoever can write to the database could write anything
        raise UnsealableError("A stored value is not sealed.")
    nonce, hidden = stored[_HEAD.size :][:NONCE_LENGTH], stored[_HEAD.size + NONCE_LENGTH :]
    try:
        return AESGCM(DATA_KEYS.key(clinic_id, number)).decrypt(nonce, hidden, bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise UnsealableError("A stored value was altered, or belongs to another row.") from error


def head(clinic_id: str) -> bytes:
    """How every value begins that is under the clinic's newest key."""
    return _HEAD.pack(SEALED, DATA_KEYS.newest(clinic_id)[0])


class Row(Protocol):
    """What a sealed value is bound to."""

    __tablename__: str
    id: Any
    clinic_id: Any


Json = dict[str, object]
Value = TypeVar("Value", str, "str | None", bytes, dict[str, object])


class Sealed(Generic[Value]):
    """An attribute whose column, named with a leading underscore, holds the sealed value. Set ``clinic_id`` first."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the attribute's name."""
        self._name, self._column = name, f"_{name}"

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed[Value]": ...
    @overload
    def __get__(self, row: Row, owner: type) -> Value: ...
    def __get__(self, row: Row | None, owner: type) -> "Sealed[Value] | Value":
        """The plain value. Raises UnsealableError."""
        if row is None:
            return self
        stored: bytes | None = getattr(row, self._column)
        if stored is None:
            return cast("Value", None)
        value: Value = self._decoded(self._plain(row, bytes(stored)))
        return value

    def __set__(self, row: Row, value: Value) -> None:
        """Seal it, under a new nonce."""
        if row.id is None:
            row.id = new_id()
        plain = self._encoded(value)
        sealed = None if plain is None else seal(plain, clinic_id=row.clinic_id, bound_to=self._place(row))
        setattr(row, self._column, sealed)

    def renew(self, row: Row) -> bool:
        """Seal it under the clinic's newest key; False where it is already. Raises UnsealableError."""
        stored: bytes | None = getattr(row, self._column)
        if stored is None or bytes(stored).startswith(head(row.clinic_id)):
            return False
        setattr(
            row, self._column, seal(self._plain(row, bytes(stored)), clinic_id=row.clinic_id, bound_to=self._place(row))
        )
        return True

    def adopt(self, row: Row) -> bool:
        """Seal what was stored before there were keys; False where it is sealed already, or None."""
        stored: bytes | None = getattr(row, self._column)
        if stored is None or bytes(stored[:1]) != bytes([PLAIN]):
            return False
        setattr(row, self._column, seal(bytes(stored[1:]), clinic_id=row.clinic_id, bound_to=self._place(row)))
        return True

    def _plain(self, row: Row, stored: bytes) -> bytes:
        return unseal(stored, clinic_id=row.clinic_id, bound_to=self._place(row))

    def _place(self, row: Row) -> str:
        return f"{row.__tablename__}.{self._name}:{row.id}"

    def _encoded(self, value: Any) -> bytes | None:  # noqa: ANN401 - the subclass knows
        return None if value is None else str(value).encode("utf-8", "surrogatepass")

    def _decoded(self, plain: bytes | None) -> Any:  # noqa: ANN401 - the subclass knows
        return None if plain is None else plain.decode("utf-8", "surrogatepass")


class SealedText(Sealed[str]):
    """Text that is always given."""


class SealedTextOrNone(Sealed["str | None"]):
    """Text that may be missing."""


class SealedBytes(Sealed[bytes]):
    """Octets."""

    def _encoded(self, value: Any) -> bytes | None:  # noqa: ANN401 - the base class says so
        return bytes(value)

    def _decoded(self, plain: bytes | None) -> Any:  # noqa: ANN401 - the base class says so
        return plain


class SealedJson(Sealed[Json]):
    """A JSON object. A character that no database takes is kept as well: what was typed is to be shown again."""

    def _encoded(self, value: Any) -> bytes | None:  # noqa: ANN401 - the base class says so
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()

    def _decoded(self, plain: bytes | None) -> Any:  # noqa: ANN401 - the base class says so
        return None if plain is None else json.loads(plain)


def sealed_in(model: type) -> dict[str, "Sealed[Any]"]:
    """The sealed attributes of a table, by the attribute that holds their column."""
    return {f"_{name}": value for name, value in vars(model).items() if isinstance(value, Sealed)}
