"""Prints handouts in processes of their own: layout is not thread-safe, and must not take down the service."""

import contextlib
import multiprocessing
import resource
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from queue import Empty, LifoQueue

from app.errors import PrinterError
from prescriptions.errors import UnprintableError
from prescriptions.handout import Handout
from prescriptions.paper import print_pdf

WORKERS = 2
SECONDS = 15.0
"""The longest that one handout may take, and the longest that anybody waits for a free worker."""
MEMORY = 1 << 30
FILES = 128

Print = Callable[[Handout], bytes]

# Not fork: threads of the server may hold locks that a forked child would wait for, for ever.
_PROCESSES = multiprocessing.get_context("forkserver")


class Worker:
    """A process that prints one handout after the other."""

    def __init__(self, print_one: Print) -> None:
        """Start the process; it gets ready while its first handout is on the way."""
        self._here, there = _PROCESSES.Pipe()
        self._process: ForkServerProcess = _PROCESSES.Process(target=_work, args=(there, print_one), daemon=True)
        self._process.start()
        there.close()

    def print(self, handout: Handout, *, seconds: float) -> bytes:
        """The PDF. Raises UnprintableError, or PrinterError when the process dies or takes too long."""
        try:
            self._here.send(handout)
            if not self._here.poll(seconds):
                raise PrinterError("Printing took too long and was stopped. Nothing was issued; try again.")
            answer: bytes | UnprintableError = self._here.recv()
        except (EOFError, OSError) as error:
            raise PrinterError("Printing failed. Nothing was issued; try again.") from error
        if isinstance(answer, UnprintableError):
            raise answer
        return answer

    def stop(self) -> None:
        """Kill the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._here.close()


class Press:
    """A few workers, started when first needed and replaced when one fails."""

    def __init__(self, print_one: Print = print_pdf, *, workers: int = WORKERS, seconds: float = SECONDS) -> None:
        """Start nothing yet."""
        self._print_one, self._seconds = print_one, seconds
        self._free: LifoQueue[Worker | None] = LifoQueue()  # last in, first out: one busy worker stays warm
        for _ in range(workers):
            self._free.put(None)

    def print(self, handout: Handout) -> bytes:
        """The PDF. Raises UnprintableError for the handout's own fault, PrinterError when trying again may help."""
        try:
            worker = self._free.get(timeout=self._seconds)
        except Empty:
            raise PrinterError("The printer is busy. Nothing was issued; try again in a moment.") from None
        try:
            worker = worker or Worker(self._print_one)
            return worker.print(handout, seconds=self._seconds)
        except PrinterError:
            if worker is not None:
                worker.stop()
            worker = None
            raise
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """Stop the workers that are free."""
        with contextlib.suppress(Empty):
            while True:
                worker = self._free.get_nowait()
                if worker is not None:
                    worker.stop()


def _work(there: Connection, print_one: Print) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service decides when to stop
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(EOFError):  # the service has gone
        while True:
            handout = there.recv()
            try:
                there.send(print_one(handout))
            except UnprintableError as error:
                there.send(error)


_PRESS = Press()


def print_handout(handout: Handout) -> bytes:
    """Print on the press of this process of the service."""
    return _PRESS.print(handout)
