"""The clinic's logo: any upload is opened and drawn anew in a process of its own, and only what comes back is kept."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore

from sqlalchemy import select

from app.database import unit_of_work
from app.errors import InvalidError, NotFoundError
from app.models import Action, Clinic, User
from app.services import audit, clinics
from app.services.logo_worker import PICTURE

LARGEST = 2_000_000
"""Octets of an upload."""
SECONDS = 10.0
"""The longest that a picture may take."""

# -I: neither the script's own folder nor the environment says what is imported.
COMMAND = (sys.executable, "-I", str(Path(__file__).with_name("logo_worker.py")))

EMPTY = "Choose a PNG or JPEG file. The one that came was empty."
TOO_HEAVY = "The file has {:.1f} MB; at most 2 MB fit. Save the logo smaller, and choose it again."
UNREADABLE = "The picture could not be read. Save it anew as PNG or JPEG, and choose it again."
BUSY = "Other pictures are being read at the moment. Try again."

_FREE = BoundedSemaphore(2)


def redrawn(octets: bytes, *, command: tuple[str, ...] = COMMAND, seconds: float = SECONDS) -> bytes:
    """The picture as a PNG of our own making: nothing of the upload but its pixels. Raises InvalidError."""
    if not octets:
        raise _refused(EMPTY)
    if len(octets) > LARGEST:
        raise _refused(TOO_HEAVY.format(len(octets) / 1_000_000))
    if not _FREE.acquire(timeout=seconds):
        raise _refused(BUSY)
    try:
        ended = subprocess.run(  # noqa: S603 - our own script, by the Python that runs us
            command, input=octets, capture_output=True, timeout=seconds, env={}, cwd="/", check=False
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise _refused(UNREADABLE) from error
    finally:
        _FREE.release()
    kind, content = ended.stdout[:1], ended.stdout[1:]
    if ended.returncode or not kind:
        raise _refused(UNREADABLE)
    if kind != PICTURE:
        raise _refused(content.decode())
    return content


def _refused(sentence: str) -> InvalidError:
    return InvalidError({"logo": (sentence,)})


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as it is kept."""

    png: bytes
    sha256: str


def get(*, by: User) -> Logo:
    """The clinic's logo. Raises NotFoundError where it has none."""
    query = select(Clinic.logo, Clinic.logo_sha256).where(Clinic.id == by.clinic_id)
    with unit_of_work(by.clinic_id) as session:
        row = session.execute(query).one()
    if row.logo is None or row.logo_sha256 is None:
        raise NotFoundError("logo")
    return Logo(bytes(row.logo), row.logo_sha256)


def change(octets: bytes, *, by: User, at: datetime) -> None:
    """Take what was uploaded as the clinic's logo. Raises InvalidError."""
    png = redrawn(octets)
    _keep(png, hashlib.sha256(png).hexdigest(), detail="added", by=by, at=at)


def remove(*, by: User, at: datetime) -> None:
    """Do without a logo."""
    _keep(None, None, detail="removed", by=by, at=at)


def _keep(png: bytes | None, sha256: str | None, *, detail: str, by: User, at: datetime) -> None:
    with unit_of_work(by.clinic_id) as session:
        clinic = clinics.locked(session, by=by)
        clinic.logo, clinic.logo_sha256 = png, sha256
        audit.record(session, Action.LOGO_CHANGED, by=by, at=at, object_id=clinic.id, detail=detail)
