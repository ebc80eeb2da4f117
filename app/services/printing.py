"""Prints handouts in processes of their own: layout is not thread-safe, and must not take down the service."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Timer

from app.errors import PrinterError
from app.services.print_worker import ANSWER, LENGTH, PDF
from prescriptions import handout_file
from prescriptions.errors import UnprintableError
from prescriptions.handout import Handout

WORKERS = 2
LARGEST = 64 * 1024 * 1024
"""No handout comes near it: a worker that announces more has lost its mind."""
SECONDS = 15.0
"""The longest that one handout may take, and the longest that anybody waits for a free worker."""

_ROOT = Path(__file__).resolve().parents[2]
# -P: the script's own folder is no place to import from.
COMMAND = (sys.executable, "-P", str(Path(__file__).with_name("print_worker.py")))
# Fonts are found through HOME; keys and database addresses are nothing for a printer.
PASSED_ON = ("HOME", "PATH", "LANG", "LC_ALL", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "XDG_CACHE_HOME")


class Worker:
    """A process that prints one handout after the other."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; it gets ready while its first handout is on the way."""
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own script, by the Python that runs us
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment | {"PYTHONPATH": str(_ROOT)},
            cwd=_ROOT,
            start_new_session=True,  # Ctrl-C is for the service; this process ends when its input does
        )

    def print(self, text: bytes, *, seconds: float) -> bytes:
        """The PDF. Raises UnprintableError, or PrinterError when the process dies or takes too long."""
        timer = Timer(seconds, self._process.kill)
        timer.start()
        try:
            kind, content = self._exchange(text)
        except OSError as error:
            raise PrinterError("Printing failed or took too long. Nothing was issued; try again.") from error
        finally:
            timer.cancel()
        if kind != PDF:
            raise UnprintableError(content.decode())
        return content

    def has_ended(self) -> bool:
        """Whether the process is gone, as when the machine ran short of memory."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Kill the process, whatever it is doing."""
        # Leaving closes the pipes and waits; what was not yet sent to a process that is gone can't be sent any more.
        with suppress(BrokenPipeError), self._process:
            self._process.kill()

    def _exchange(self, text: bytes) -> tuple[bytes, bytes]:
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise BrokenPipeError
        to.write(LENGTH.pack(len(text)) + text)
        to.flush()
        head = back.read(ANSWER.size)
        if len(head) < ANSWER.size:
            raise BrokenPipeError
        kind, length = ANSWER.unpack(head)
        if length > LARGEST:
            raise BrokenPipeError
        content = back.read(length)
        if len(content) < length:
            raise BrokenPipeError
        return kind, content


class Press:
    """A few workers, started when first needed and replaced when one fails."""

    def __init__(self, command: Sequence[str] = COMMAND, *, workers: int = WORKERS, seconds: float = SECONDS) -> None:
        """Start nothing yet."""
        self._command, self._seconds = command, seconds
        self._shapes: frozenset[int] | None = None
        self._free: LifoQueue[Worker | None] = LifoQueue()  # last in, first out: one busy worker stays warm
        for _ in range(workers):
            self._free.put(None)

    def print(self, handout: Handout) -> bytes:
        """The PDF. Raises UnprintableError for the handout's own fault, PrinterError when trying again may help."""
        return self._ask(json.dumps(handout_file.to_dict(handout)).encode())

    def without_shape(self, text: str) -> str:
        """The characters of ``text`` that no handout can show. Raises as ``print`` does."""
        if self._shapes is None:
            self._shapes = frozenset(json.loads(self._ask(b"")))
        return "".join(dict.fromkeys(one for one in text if ord(one) not in self._shapes))

    def _ask(self, text: bytes) -> bytes:
        try:
            worker = self._free.get(timeout=self._seconds)
        except Empty:
            raise PrinterError("The printer is busy. Nothing was issued; try again in a moment.") from None
        try:
            if worker is not None and worker.has_ended():
                worker.stop()
                worker = None
            worker = worker or Worker(self._command)
            return worker.print(text, seconds=self._seconds)
        except PrinterError:
            if worker is not None:
                worker.stop()
            worker = None
            raise
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """Stop the workers that are free."""
        while True:
            try:
                worker = self._free.get_nowait()
            except Empty:
                return
            if worker is not None:
                worker.stop()


_PRESS = Press()
atexit.register(_PRESS.close)


def without_shape(text: str) -> str:
    """The characters of ``text`` that no handout can show, by the press of this process of the service."""
    return _PRESS.without_shape(text)


def print_handout(handout: Handout) -> bytes:
    """Print on the press of this process of the service."""
    return _PRESS.print(handout)
