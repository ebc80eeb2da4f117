"""Reads a handout's PDF back: the program file inside, and whether file and paper still belong together."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from pypdf import PdfReader

from prescriptions.errors import UnreadableError
from prescriptions.fingerprint import FILE_NAME, digest, fingerprint
from prescriptions.program_file import LARGEST_BYTES
from prescriptions.program_schema import FORMAT

LARGEST_PDF = 16 * 1024 * 1024
MOST_PAGES = 200
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What no program file holds, and no terminal should be sent."""

logging.getLogger("pypdf").addHandler(logging.NullHandler())  # what it finds odd in a PDF is for us to judge


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found in a PDF."""

    program_file: str
    digest: str
    faults: tuple[str, ...]
    """What speaks against file and paper belonging together; none when they do."""

    def __str__(self) -> str:
        """The answer, as a sentence."""
        if self.faults:
            return f"Not intact: {' '.join(self.faults)} The program file inside has sha256 {self.digest}."
        return f"Intact: the program file inside is the one the paper names, sha256 {self.digest}."


def read_pdf(pdf: bytes) -> Inside:
    """Look into a PDF. Raises UnreadableError when it is none, or when no program file is inside."""
    if len(pdf) > LARGEST_PDF:
        raise UnreadableError(f"The file is larger than {LARGEST_PDF // 2**20} MiB, as no handout is.")
    try:
        reader = PdfReader(BytesIO(pdf))
        found = [file.content for file in reader.attachment_list if file.name == FILE_NAME]
    except Exception as error:  # a damaged PDF makes the reader stumble in many ways, all of them one to us
        raise UnreadableError("The file is not a PDF, or it is damaged.") from error
    if len(found) != 1:
        raise UnreadableError(f"The PDF holds {'more than one' if found else 'no'} program file.")
    return Inside(_text(found[0]), digest(found[0]), tuple(_faults(reader, found[0])))


def _text(file: bytes) -> str:
    """The file as text that may be shown; raises UnreadableError for anything but a program file."""
    try:
        text = file[: LARGEST_BYTES + 1].decode()
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = text = None
    if text is None or len(file) > LARGEST_BYTES or CONTROL.search(text):
        raise UnreadableError(f"What the PDF holds as {FILE_NAME} can't be read.")
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UnreadableError(f"What the PDF holds as {FILE_NAME} is not a program file.")
    return text


def _faults(reader: PdfReader, file: bytes) -> Iterator[str]:
    try:
        named = reader.xmp_metadata.dc_source if reader.xmp_metadata else None
        pages = [page.extract_text() for _, page in zip(range(MOST_PAGES + 1), reader.pages, strict=False)]
    except Exception:  # noqa: BLE001 - as above; the program file itself could be read
        yield "The paper around it is damaged."
        return
    if named != f"sha256:{digest(file)}":
        yield "The PDF was made with another file than it holds."
    yield from _pages_without(fingerprint(file), pages)


def _pages_without(shown: str, pages: list[str]) -> Iterator[str]:
    without = [str(number) for number, text in enumerate(pages, start=1) if shown not in "".join(text.split())]
    if without or not pages or len(pages) > MOST_PAGES:
        yield f"The paper does not show {shown} on page {', '.join(without) or 1}."
