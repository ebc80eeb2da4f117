"""The anchor: a file outside the database that knows how far each clinic's audit trail had come.

Whoever can write to the database alone can't cut the trail's end off unnoticed. The file is only ever appended to, a
line of JSON after each commit; keep it where the database's owner can't write, or ship the log ``holdwell.audit``
elsewhere.
"""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.services.audit_chain import Link

LOG_ROWS, LOG_AFTER = 100, timedelta(minutes=5)
"""How often the log is told as well: whichever comes first."""

_log = logging.getLogger("holdwell.audit")


class Anchor:
    """The file, and what the log was last told of each clinic."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened before something is written."""
        self.path = path
        self._logged: dict[str, tuple[int, datetime]] = {}

    def append(self, clinic_id: str, link: Link, at: datetime) -> None:
        """Note how far the clinic's trail has come. A failure is logged: what was committed can't be taken back."""
        line = json.dumps({"clinic_id": clinic_id, "n": link.n, "mac": link.mac, "at": at.isoformat()})
        try:
            self._write(f"{line}\n".encode())
        except OSError:
            _log.exception("The audit anchor %s could not be written", self.path)
        n, when = self._logged.get(clinic_id, (0, at - LOG_AFTER))
        if link.n - n >= LOG_ROWS or at - when >= LOG_AFTER:
            self._logged[clinic_id] = (link.n, at)
            _log.info("clinic %s n %d mac %s", clinic_id, link.n, link.mac)

    def _write(self, line: bytes) -> None:
        # Opened each time, so that the file may be moved away under a running service; one write, so that lines of
        # several processes don't mix.
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.write(file, line) != len(line):
                raise OSError("The file system took only a part of the line.")
        finally:
            os.close(file)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line of the file that says nothing."""

    line: int


def pins(path: Path, *, least: int = 1) -> tuple[dict[str, dict[int, str]], list[Unreadable]]:
    """What the file knows: clinic to number to code, from number ``least`` on; and the lines that can't be read."""
    found: dict[str, dict[int, str]] = {}
    unreadable = []
    for number, entry in _entries(path):
        if entry is None:
            unreadable.append(Unreadable(number))
        elif entry[1].n >= least:
            found.setdefault(entry[0], {})[entry[1].n] = entry[1].mac
    return found, unreadable


def _entries(path: Path) -> Iterator[tuple[int, tuple[str, Link] | None]]:
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            yield number, _entry(line)


def _entry(line: bytes) -> tuple[str, Link] | None:
    try:
        told = json.loads(line)
        return str(told["clinic_id"]), Link(int(told["n"]), str(told["mac"]))
    except (ValueError, KeyError, TypeError):
        return None


_installed: list[Anchor] = []


def install(path: Path) -> None:
    """Anchor the trails in this file from now on, in the whole process."""
    _installed[:] = [Anchor(path)]


def anchor() -> Anchor:
    """The anchor of this process. Raises RuntimeError before one was installed."""
    if not _installed:
        raise RuntimeError("No audit anchor was installed.")
    return _installed[0]
