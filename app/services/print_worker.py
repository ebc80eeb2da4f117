"""The process that prints: a handout comes in, a PDF or a refusal goes out, until nobody is at the other end.

Run as a script by ``app.services.printing``, with nothing of the service's environment. It imports the paper and
nothing of the application.
"""

import gc
import json
import resource
import signal
import struct
import sys
import traceback
from contextlib import suppress
from typing import BinaryIO

from prescriptions import handout_file
from prescriptions.errors import UnprintableError
from prescriptions.paper import print_pdf, printable

LENGTH = struct.Struct(">Q")
ANSWER = struct.Struct(">cQ")
PDF, REFUSAL, FAILURE = b"P", b"R", b"F"

MEMORY = 1 << 30
LIMITS = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_FSIZE: 0,  # it writes to its pipe, and to no file
    resource.RLIMIT_CORE: 0,  # a core dump would hold a patient's data
}
CPU_SECONDS = 10
"""For one handout. The kernel ends the process then, whatever it is doing."""
ALLOCATIONS = 100_000
"""Objects between two looks of the garbage collector: some two a handout, where Python's own number makes hundreds."""

CLEARED_AFTER = 20
"""Handouts after which all of their remains are cleared away, while nobody waits."""


def main() -> None:
    """Print what comes in on standard input."""
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))
    with suppress(UnprintableError):  # whoever asks for a handout is told then
        printable()
    gc.freeze()  # what is loaded now stays; there is no point in looking through it again and again
    gc.set_threshold(ALLOCATIONS)
    printed = 0
    while print_next(sys.stdin.buffer, sys.stdout.buffer):
        printed += 1
        if printed % CLEARED_AFTER == 0:
            gc.collect()


def print_next(incoming: BinaryIO, outgoing: BinaryIO) -> bool:
    """Print one handout; an empty one asks which characters can be printed. False at the end of the input."""
    head = incoming.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return False
    text = incoming.read(LENGTH.unpack(head)[0])
    # Not RLIMIT_CPU: that counts from the start, and by a clock that runs ahead of getrusage's on a busy machine.
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        kind, content = PDF, _answer(text)
    except UnprintableError as error:
        kind, content = REFUSAL, str(error).encode()
    except Exception as error:  # noqa: BLE001 - whatever it is, the next handout is to be printed
        # Where, and what kind: what an error says may hold a patient's name.
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}\n")
        kind, content = FAILURE, type(error).__name__.encode()
    signal.setitimer(signal.ITIMER_PROF, 0)
    outgoing.write(ANSWER.pack(kind, len(content)) + content)
    outgoing.flush()
    return True


def _answer(text: bytes) -> bytes:
    if not text:
        return json.dumps(sorted(printable())).encode()
    return print_pdf(handout_file.from_dict(json.loads(text)))


if __name__ == "__main__":
    main()
