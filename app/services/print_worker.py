"""The process that prints: a handout comes in, a PDF or a refusal goes out, until nobody is at the other end.

Run as a script by ``app.services.printing``, with nothing of the service's environment. It imports the paper and
nothing of the application.
"""

import json
import resource
import struct
import sys
from typing import BinaryIO

from prescriptions import handout_file
from prescriptions.errors import UnprintableError
from prescriptions.paper import print_pdf, printable

LENGTH = struct.Struct(">Q")
ANSWER = struct.Struct(">cQ")
PDF, REFUSAL = b"P", b"R"

MEMORY = 1 << 30
LIMITS = {
    resource.RLIMIT_AS: MEMORY,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_FSIZE: 0,  # it writes to its pipe, and to no file
    resource.RLIMIT_CORE: 0,  # a core dump would hold a patient's data
}


def main() -> None:
    """Print what comes in on standard input."""
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))
    while print_next(sys.stdin.buffer, sys.stdout.buffer):
        pass


def print_next(incoming: BinaryIO, outgoing: BinaryIO) -> bool:
    """Print one handout; an empty one asks which characters can be printed. False at the end of the input."""
    head = incoming.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return False
    text = incoming.read(LENGTH.unpack(head)[0])
    try:
        kind, content = PDF, _answer(text)
    except UnprintableError as error:
        kind, content = REFUSAL, str(error).encode()
    outgoing.write(ANSWER.pack(kind, len(content)) + content)
    outgoing.flush()
    return True


def _answer(text: bytes) -> bytes:
    if not text:
        return json.dumps(sorted(printable())).encode()
    return print_pdf(handout_file.from_dict(json.loads(text)))


if __name__ == "__main__":
    main()
