"""Prints handouts in processes of their own: layout is not thread-safe, and must not take down the service."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BufferedReader, BufferedWriter
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Timer
from typing import cast

from app.errors import PrinterError
from app.services.print_worker import ANSWER, FAILURE, LENGTH, REFUSAL
from prescriptions import handout_file
from prescriptions.errors import UnprintableError
from prescriptions.handout import Handout

WORKERS = 2
LARGEST = 64 * 1024 * 1024
"""No handout comes near it: a worker that announces more has lost its mind."""
PRINTS = 2_000
"""Handouts by one process, before a new one takes its place: a belt, for what a library may leak one day."""
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
        self.printed = 0

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
        self.printed += 1
        if kind == REFUSAL:
            raise UnprintableError(content.decode())
        if kind == FAILURE:
            raise PrinterError(f"Printing failed ({content.decode()}). Nothing was issued; try again.")
        return content

    def has_ended(self) -> bool:
        """Whether the process is gone, as when the machine ran short of memory."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Kill the process, whatever it is doing."""
        # Leaving closes the pipes and waits; what was not yet sent to a process that is gone can't be sent any more.
        with suppress(BrokenPipeError), self._process:
            self._process.kill()

    def let_go(self) -> None:
        """Forget a process that belongs to the one we were forked from, so that it ends when that one does."""
        for pipe in (self._process.stdin, self._process.stdout):
            # Past the buffer, whose lock another thread may have held when we were forked.
            cast("BufferedWriter | BufferedReader", pipe).raw.close()
        self._process.returncode = 0

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
    """A few workers, started when first needed, and replaced when one fails or has printed enough."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        workers: int = WORKERS,
        seconds: float = SECONDS,
        prints: int = PRINTS,
    ) -> None:
        """Start nothing yet."""
        self._command, self._workers, self._seconds, self._prints = command, workers, seconds, prints
        self._shapes: frozenset[int] | None = None
        self._started: set[Worker] = set()
        self._free: LifoQueue[Worker | None] = LifoQueue()  # last in, first out: one busy worker stays warm
        self._lay_out()

    def _lay_out(self) -> None:
        self._free = LifoQueue()
        for _ in range(self._workers):
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
            worker = self._fit(worker)
            return worker.print(text, seconds=self._seconds)
        except PrinterError:
            self._stop(worker)
            worker = None
            raise
        finally:
            self._free.put(worker)

    def _fit(self, worker: Worker | None) -> Worker:
        """This worker, or a new one where there is none, or its process has ended or printed enough."""
        if worker is not None and (worker.has_ended() or worker.printed >= self._prints):
            self._stop(worker)
            worker = None
        if worker is None:
            worker = Worker(self._command)
            self._started.add(worker)
        return worker

    def _stop(self, worker: Worker | None) -> None:
        if worker is not None:
            self._started.discard(worker)
            worker.stop()

    def close(self) -> None:
        """Stop the workers that are free; the next handout starts one again."""
        found = []
        with suppress(Empty):
            while True:
                found.append(self._free.get_nowait())
        for worker in found:
            self._stop(worker)
            self._free.put(None)

    def begin_anew(self) -> None:
        """After a fork: what was started before belongs to the other process, busy or not."""
        for worker in self._started:
            worker.let_go()
        self._started = set()
        self._lay_out()


_PRESS = Press()
atexit.register(_PRESS.close)
# A server may load the application first and fork then. Nobody else holds the pipes of a worker, or it would not end.
os.register_at_fork(before=_PRESS.close, after_in_child=_PRESS.begin_anew)


def without_shape(text: str) -> str:
    """The characters of ``text`` that no handout can show, by the press of this process of the service."""
    return _PRESS.without_shape(text)


def doubts() -> Iterator[str]:
    """Why no handout could be printed: a sentence for whoever starts the service."""
    try:
        _PRESS.without_shape("")
    except UnprintableError as error:
        yield str(error)
    except PrinterError:
        yield "The printer does not start. See above what it lacks, or run bin/setup, which installs it."


def print_handout(handout: Handout) -> bytes:
    """Print on the press of this process of the service."""
    return _PRESS.print(handout)
