"""The clinic's logo: any upload is opened and drawn anew in a process of its own, and only what comes back is kept."""

import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from app.errors import InvalidError
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
