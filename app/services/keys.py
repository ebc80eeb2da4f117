"""The keys at work: the master keys of the key file, and the clinics' data keys, unwrapped.

A data key lies in the database wrapped: the nonce (12 octets), then the key under AES-256-GCM with a master key. What a
clinic writes is sealed under its newest data key. Renewing a master key wraps the data keys anew, and so takes hold of
rows that can never be written again.
"""

import secrets
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.keyring import KEY_LENGTH, Keyring, KeyringError, read
from app.models import DataKey
from app.models.sealed import DATA_KEYS, NONCE_LENGTH

FIRST = 1

_installed: list[Keyring] = []


def install(keyring: Keyring) -> None:
    """Work with these master keys from now on, in the whole process."""
    _installed[:] = [keyring]
    DATA_KEYS.forget()


def keyring() -> Keyring:
    """The master keys. Raises KeyringError before any were installed."""
    if not _installed:
        raise KeyringError("No key file was read.")
    return _installed[0]


def master(number: int) -> bytes:
    """The master key of that number, which may have been added to the file since it was read. Raises KeyringError."""
    now = keyring()
    if number not in now.keys["fields"] and now.source is not None:
        _installed[:] = [read(now.source)]
    return keyring().key("fields", number)


def load(session: Session, clinic_id: str) -> None:
    """Remember the clinic's data keys, as the database has them now. A clinic that does not exist has none.

    Raises KeyringError for a master key that the file has lost, or that is not the one the data key was wrapped with.
    """
    query = select(DataKey.number, DataKey.master_number, DataKey.wrapped).where(DataKey.clinic_id == clinic_id)
    # On the connection, not the session: this may be called amid a flush.
    rows = session.connection().execute(query).all()
    found = {row.number: unwrapped(row.wrapped, row.master_number, clinic_id, row.number) for row in rows}
    if found:  # a forged token may name any number of clinics that do not exist
        DATA_KEYS.remember(clinic_id, found)


def first_key(session: Session, clinic_id: str, at: datetime) -> None:
    """Give a clinic its first data key, inside the caller's unit of work."""
    key = secrets.token_bytes(KEY_LENGTH)
    session.add(a_key(key, clinic_id, FIRST, at))
    session.flush()
    DATA_KEYS.remember(clinic_id, {FIRST: key})
    event.listen(session, "after_rollback", lambda _session: DATA_KEYS.forget(clinic_id), once=True)


def a_key(key: bytes, clinic_id: str, number: int, at: datetime) -> DataKey:
    """The row of a data key, wrapped under the newest master key."""
    newest = keyring().newest("fields")
    wrapped = wrapped_under(newest, key, clinic_id, number)
    return DataKey(clinic_id=clinic_id, number=number, wrapped=wrapped, master_number=newest, created_at=at)


def wrapped_under(master_number: int, key: bytes, clinic_id: str, number: int) -> bytes:
    """A data key as it is kept."""
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return nonce + AESGCM(master(master_number)).encrypt(nonce, key, _bound_to(clinic_id, number))


def unwrapped(wrapped: bytes, master_number: int, clinic_id: str, number: int) -> bytes:
    """The data key. Raises KeyringError."""
    opener = AESGCM(master(master_number))
    nonce, hidden = bytes(wrapped[:NONCE_LENGTH]), bytes(wrapped[NONCE_LENGTH:])
    try:
        return opener.decrypt(nonce, hidden, _bound_to(clinic_id, number))
    except (InvalidTag, ValueError) as error:
        raise KeyringError(
            f"Key {master_number} for fields or the key for index is not the one that this database was written with. "
            "Put the right key file back."
        ) from error


def _bound_to(clinic_id: str, number: int) -> bytes:
    # The index key is bound in: with another one every look-up would find nothing, without a word.
    return f"data_key:{clinic_id}:{number}:{keyring().blind('data_key')}".encode()
