"""The command line: ``holdwell check | render | read | catalogue | trace``. It needs no server and no database.

Exit codes: 0 issuable, intact or done; 1 blocked, needs acknowledgement, not intact, or a statement lost; 2 malformed,
unreadable or misused.
"""

import argparse
import base64
import hashlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import BinaryIO

from prescriptions.brand import PAPERS, Brand
from prescriptions.catalogue import Pack
from prescriptions.catalogue_file import list_exercises, show_exercise
from prescriptions.check import Outcome, check
from prescriptions.cli_lines import exercise_lines, exercise_list, trace_lines, verdict_lines
from prescriptions.errors import MalformedError, NotIssuableError, PackError, PrescriptionError
from prescriptions.handout import Edition, arranged, compose
from prescriptions.layouts import LAYOUTS, STANDARD
from prescriptions.packs import HAMSTRING, load_pack
from prescriptions.paper import print_pdf
from prescriptions.paper_read import LARGEST_PDF, read_pdf
from prescriptions.program import Program
from prescriptions.program_file import FILE, LARGEST_BYTES, canonical, parse
from prescriptions.trace import trace

OK, REFUSED, MALFORMED = 0, 1, 2
_LOOKS_LIKE_TOML = re.compile(rb"\s*(?:#|\[{1,2}[\s\w]|[\w-]+\s*[.=])")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a message may hold what the terminal's encoding lacks
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        pack = load_pack(options.pack)
    except PackError as error:
        return _fail(f"The catalogue does not load. {error}", REFUSED if options.run is _trace else MALFORMED)
    return int(options.run(options, pack))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdwell", description="Check and print exercise programs.")
    parser.add_argument("--pack", type=Path, default=HAMSTRING, help="folder of the catalogue pack")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    checks = commands.add_parser("check", help="check a program file")
    checks.add_argument("file", nargs="?", metavar="FILE", help="JSON or TOML; - reads standard input")
    checks.add_argument("--json", action="store_true", help="print JSON")
    checks.add_argument("--lines", action="store_true", help="JSON Lines on standard input, one verdict a line")
    checks.set_defaults(run=_check, usage_error=checks.error)

    renders = commands.add_parser("render", help="check a program file, then write its handout")
    renders.add_argument("file", metavar="FILE", help="JSON or TOML; - reads standard input")
    renders.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.pdf")
    renders.add_argument("--layout", choices=LAYOUTS, default=STANDARD, help="standard, large print, one sheet, cards")
    renders.add_argument("--paper", choices=PAPERS, default="a4")
    renders.add_argument("--mono", action="store_true", help="black and white")
    renders.add_argument("--clinic", default="", help="name of the clinic; a line to write on where absent")
    for name in ("phone", "address", "hours", "email", "therapist"):
        renders.add_argument(f"--{name}", default="")
    renders.add_argument("--number", default="", help="program number; made from the program where absent")
    renders.add_argument("--version", type=_version, default=1)
    renders.add_argument("--issued", type=_date, metavar="YYYY-MM-DD", help="the date of the screening where absent")
    renders.set_defaults(run=_render)

    reads = commands.add_parser(
        "read", help="print the program file inside a handout, and whether both belong together"
    )
    reads.add_argument("file", metavar="FILE.pdf", help="a handout; - reads standard input")
    reads.set_defaults(run=_read_back)

    shows = commands.add_parser("catalogue", help="list the exercises, or show one with ranges and sources")
    shows.add_argument("id", nargs="?", metavar="ID")
    shows.add_argument("--json", action="store_true", help="print JSON")
    shows.set_defaults(run=_catalogue)

    traces = commands.add_parser("trace", help="show where each statement of the source is kept")
    traces.add_argument("--json", action="store_true", help="print JSON")
    traces.set_defaults(run=_trace)
    return parser


def _version(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text):
        raise argparse.ArgumentTypeError("must be a whole number from 1 to 9999")
    return int(text)


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date such as 2026-11-23") from None


def _check(options: argparse.Namespace, pack: Pack) -> int:
    if options.lines == (options.file is not None):
        options.usage_error("name a FILE, or use --lines")
    if options.lines:
        return _check_lines(sys.stdin.buffer, pack)
    try:
        verdict = check(_read(options.file, pack), pack)
    except MalformedError as error:
        return _malformed(error, as_json=options.json)
    _say(json.dumps(verdict.to_dict(), indent=2) if options.json else "\n".join(verdict_lines(verdict)))
    return OK if verdict.verdict is Outcome.ISSUABLE else REFUSED


def _check_lines(stream: BinaryIO, pack: Pack) -> int:
    for line in _lines(stream):
        try:
            answer: Mapping[str, object] = check(parse(line, pack), pack).to_dict()
        except MalformedError as error:
            answer = {"errors": error.errors}
        if not _say(json.dumps(answer)):
            return REFUSED  # nobody listens any more, and not every line was answered
    return OK


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines in constant memory: of one that is too long, only as much as it takes to refuse it."""
    while line := stream.readline(LARGEST_BYTES + 2):
        yield line.removesuffix(b"\n").removesuffix(b"\r")
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(LARGEST_BYTES)


def _render(options: argparse.Namespace, pack: Pack) -> int:
    try:
        program = _read(options.file, pack)
    except MalformedError as error:
        return _malformed(error, as_json=False)
    verdict = check(program, pack)
    if verdict.verdict is not Outcome.ISSUABLE:
        _say("\n".join(verdict_lines(verdict)))
        return _fail(str(NotIssuableError(verdict.verdict)), REFUSED)
    brand = Brand(options.clinic, options.phone, options.address, options.hours, options.email, paper=options.paper)
    try:
        handout = compose(program, pack, brand, _edition(options, program))
        pdf = print_pdf(arranged(handout, layout=options.layout, monochrome=options.mono))
        _write(options.output, pdf)
    except PrescriptionError as error:
        return _fail(str(error), MALFORMED)
    except OSError as error:
        return _fail(f"{options.output}: cannot be written ({error.strerror}).", MALFORMED)
    _say(f"{options.output}: {len(pdf)} bytes, sha256 {hashlib.sha256(pdf).hexdigest()}")
    return OK


def _edition(options: argparse.Namespace, program: Program) -> Edition:
    """The edition asked for. What is not given comes from the program, never from the clock: same file, same bytes."""
    digest = hashlib.sha256(canonical(program).encode()).digest()
    number = options.number or "HW-" + base64.b32encode(digest)[:8].decode()
    screened = "" if program.screening is None else program.screening.date
    replaces = options.version - 1 if options.version > 1 else None
    return Edition(number, options.version, options.issued or screened, replaces, options.therapist or None)


def _write(path: Path, content: bytes) -> None:
    """Write the whole file or none: a half-written handout must not be printable."""
    if path.exists() and not path.is_file():  # a pipe or a device is written to, not replaced
        path.write_bytes(content)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".holdwell-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.umask(mask := os.umask(0))  # the only way to ask for it
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _read_back(options: argparse.Namespace, _pack: Pack) -> int:
    try:
        pdf = _content(options.file, LARGEST_PDF + 1)
        inside = read_pdf(pdf)
    except OSError as error:
        return _fail(f"{options.file}: cannot be read ({error.strerror}).", MALFORMED)
    except PrescriptionError as error:
        return _fail(f"{options.file}: {error}", MALFORMED)
    _say(inside.program_file.removesuffix("\n"))
    return _fail(f"{options.file}: {inside}", REFUSED if inside.faults else OK)


def _catalogue(options: argparse.Namespace, pack: Pack) -> int:
    if options.id is None:
        _say(json.dumps(list_exercises(pack), indent=2) if options.json else "\n".join(exercise_list(pack)))
        return OK
    exercise = pack.exercise(options.id)
    if exercise is None:
        return _fail(f"{options.id!a} is not in the catalogue.", MALFORMED)
    if options.json:
        _say(json.dumps(show_exercise(exercise), indent=2))
        return OK
    _say("\n".join(exercise_lines(exercise)))
    return OK


def _trace(options: argparse.Namespace, pack: Pack) -> int:
    traces = trace(pack)
    lost = [one for one in traces if one.lost]
    if options.json:
        _say(json.dumps({"statements": [one.to_dict() for one in traces], "lost": len(lost)}, indent=2))
        return REFUSED if lost else OK
    for one in traces:
        _say("\n".join(trace_lines(one)))
    _say(f"{len(traces)} statements, {len(lost)} lost")
    return REFUSED if lost else OK


def _read(name: str, pack: Pack) -> Program:
    try:
        text = _content(name, LARGEST_BYTES + 1)
    except OSError as error:
        raise MalformedError({FILE: [f"Cannot be read ({error.strerror})."]}) from None
    toml = _LOOKS_LIKE_TOML.match(text) is not None if name == "-" else Path(name).suffix.lower() == ".toml"
    return parse(text, pack, toml=toml)


def _content(name: str, most: int) -> bytes:
    """The first bytes of a file, or of standard input."""
    if name == "-":
        return sys.stdin.buffer.read(most)
    with Path(name).open("rb") as file:
        return file.read(most)


def _malformed(error: MalformedError, *, as_json: bool) -> int:
    if as_json:
        _say(json.dumps({"errors": error.errors}, indent=2))
        return MALFORMED
    for path, messages in error.errors.items():
        _fail(f"{path}: {' '.join(messages)}", MALFORMED)
    return MALFORMED


def _say(text: str) -> bool:
    """Print a line at once. False when the reader has seen enough, as in "holdwell trace | head": not our failure."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


def _fail(text: str, code: int) -> int:
    sys.stderr.write(f"holdwell: {text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
