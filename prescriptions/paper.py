"""Handout to HTML to PDF. The one module that imports WeasyPrint; it fetches nothing and reads no clock."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import RLock, get_ident
from typing import Any, NoReturn

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, Attachment, Document
from weasyprint.text.ffi import ffi, fontconfig, harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from prescriptions import paper_fonts
from prescriptions.errors import UnprintableError
from prescriptions.fingerprint import FILE_NAME, digest, fingerprint
from prescriptions.handout import Handout
from prescriptions.paper_finish import finish
from prescriptions.paper_fonts import FontFile
from prescriptions.paper_page import Page
from prescriptions.paper_recording import Pictures

TEMPLATES = Path(__file__).parent.parent / "templates" / "handout"
SIZES = {"a4": "A4 portrait", "letter": "letter portrait"}
VARIANT = "pdf/a-3a"
"""Printing adds that it is PDF/UA-1 as well; WeasyPrint writes only one of the two by itself."""
ROOMS = ("", "snug", "dense", "dense tight")
"""How an exercise is set, from the roomiest: each is tried where the one before leaves it on two pages."""
SNUGGEST = len(ROOMS) - 1
LONG_NOTES = (70, 280)
"""Characters of a note beyond which the roomiest way, and the one after it, are not worth trying."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The program file that goes with the paper, inside the PDF."""

    content: bytes
    date: str
    """Its date in the PDF, YYYY-MM-DD."""


class NoRoomError(Exception):
    """Exercises that do not fit on one page as they are set; never leaves this module."""

    def __init__(self, exercises: Sequence[int]) -> None:
        """Keep the numbers of the exercises, counted from 1."""
        super().__init__(exercises)
        self.exercises = exercises


class DenyAll(URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types
    """Refuses every address. A handout is complete in itself."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: object = None) -> NoReturn:
        """Raise what WeasyPrint does not swallow: a missing part must never go unnoticed."""
        del headers
        raise FatalURLFetchingError(f"A handout may not fetch anything, and this one asks for {url[:80]!r}.")


class Complaints(logging.Handler):
    """What WeasyPrint only tells its log, such as a picture it left out: for a handout that is reason not to print."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = get_ident()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is said in this thread; another one may be printing with a printer of its own."""
        if record.thread == self._thread:
            self.said.append(record.getMessage())


class Printer:
    """Prints handouts, one at a time. Make one per process: reading fonts and style takes a while."""

    def __init__(self) -> None:
        """Raise UnprintableError when the font, or the library that embeds parts of it, is missing."""
        if harfbuzz_subset is None:
            raise UnprintableError(
                "The library libharfbuzz-subset is not installed, and no handout can be printed without it: "
                "install Debian's libharfbuzz-subset0."
            )
        # One for the process, hence the lock: a new one for each handout leaks, a shared one is not thread-safe.
        self._fonts = FontConfiguration()
        self._lock = RLock()
        self.shapes = paper_fonts.printable(_installed())
        self._style = self._css((TEMPLATES / "handout.css").read_text(encoding="utf-8"))
        self._sizes = {paper: self._css(f"@page {{ size: {size} }}") for paper, size in SIZES.items()}
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pictures = Pictures(self._record)
        self.picture = environment.filters["picture"] = self._pictures.markup
        self._template = environment.get_template("handout.html")

    def _css(self, text: str) -> CSS:
        return CSS(string=text, base_url=None, url_fetcher=DenyAll(), font_config=self._fonts)

    def print_pdf(self, handout: Handout) -> bytes:
        """The handout as PDF/UA-1 and PDF/A-3a, with its program file inside: the same bytes for the same handout.

        Raises UnprintableError, never prints amiss.
        """
        with self._lock:
            return self._printed(handout)

    def _printed(self, handout: Handout) -> bytes:
        paper_fonts.check(handout, self.shapes)
        if handout.paper not in self._sizes:
            raise UnprintableError(f"Paper is {handout.paper!r}; handouts are printed on {' or '.join(SIZES)}.")
        rooms = [sum(len(sheet.note) > longest for longest in LONG_NOTES) for sheet in handout.exercises]
        file = Enclosure(handout.program_file.encode(), handout.issued_on) if handout.program_file else None
        while True:
            try:
                html = self.to_html(handout, rooms)
                return self.write(html, handout.paper, first_page=handout.stop_title, rooms=rooms, file=file)
            except NoRoomError as error:
                rooms = [room + (number in error.exercises) for number, room in enumerate(rooms, start=1)]

    def to_html(self, handout: Handout, rooms: Sequence[int] = ()) -> str:
        """The page that is printed, every text escaped. ``rooms``: how tightly each exercise is set, 0 to SNUGGEST."""
        return self._template.render(
            handout=handout,
            fingerprint=fingerprint(handout.program_file.encode()) if handout.program_file else "",
            rooms=rooms or [0] * len(handout.exercises),
            classes=ROOMS,
        )

    def write(
        self,
        html: str,
        paper: str,
        *,
        first_page: str = "",
        rooms: Sequence[int] = (),
        file: Enclosure | None = None,
    ) -> bytes:
        """Lay out and write, with the file inside.

        Raises UnprintableError when the page asks for anything outside itself, when any part of it can't be printed,
        or when the heading ``first_page`` does not stand on page 1; NoRoomError when an exercise is split over two
        pages and can still be set more tightly than its entry in ``rooms``.
        """
        with self._heard():
            document = self._laid_out(html, [self._style, self._sizes[paper]])
            _refuse_misplaced(document, first_page, rooms)
            return _written(document, html, file)

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """One print at a time, and nothing that WeasyPrint says about it goes unheard."""
        complaints, logger = Complaints(), logging.getLogger("weasyprint")
        with self._lock:
            logger.addHandler(complaints)
            try:
                yield
            except FatalURLFetchingError as error:
                raise UnprintableError(str(error)) from error
            finally:
                logger.removeHandler(complaints)
        if complaints.said:
            raise UnprintableError(f"A part of the handout can't be printed: {complaints.said[0]}")

    def _laid_out(self, html: str, styles: Sequence[CSS]) -> Document:
        return Page(html, DenyAll()).render(
            stylesheets=styles, font_config=self._fonts, pdf_variant=VARIANT, cache=self._pictures
        )

    def _record(self, html: str, finisher: Callable[[Document, Any], None]) -> None:
        with self._heard():
            self._laid_out(html, []).write_pdf(pdf_variant=VARIANT, finisher=finisher)


def _refuse_misplaced(document: Document, first_page: str, rooms: Sequence[int]) -> None:
    headings = [label for _, label, *_ in document.pages[0].bookmarks]
    if first_page and first_page not in headings:
        raise UnprintableError(f'"{first_page}" has no room on page 1. Shorten the clinic\'s address or the names.')
    split = [
        number
        for number, room in enumerate(rooms, start=1)
        if room < SNUGGEST
        and any(
            (f"exercise-{number}" in page.anchors) != (f"exercise-{number}-end" in page.anchors)
            for page in document.pages
        )
    ]
    if split:
        raise NoRoomError(split)


def _written(document: Document, html: str, file: Enclosure | None) -> bytes:
    attachments, sha256 = [], ""
    if file:
        noon = datetime.fromisoformat(f"{file.date}T12:00:00")
        attachments.append(
            Attachment(
                string=file.content.decode(),
                url_fetcher=DenyAll(),
                name=FILE_NAME,
                description="The program that this handout was printed from",
                created=noon,
                modified=noon,
                relationship="Source",
            )
        )
        sha256 = digest(file.content)
    pdf: bytes = document.write_pdf(
        pdf_variant=VARIANT, attachments=attachments, finisher=lambda _, pdf: finish(pdf, html, sha256)
    )
    return pdf


def _installed() -> Iterator[FontFile]:
    """Fonts as fontconfig lists them: the same view that the layout has."""
    config = fontconfig.FcInitLoadConfigAndFonts()
    try:
        found = fontconfig.FcConfigGetFonts(config, 0)
        for index in range(found.nfont if found else 0):
            pattern = found.fonts[index]
            yield FontFile(_text(pattern, b"family"), _text(pattern, b"style"), Path(_text(pattern, b"file")))
    finally:
        fontconfig.FcConfigDestroy(config)


def _text(pattern: object, key: bytes) -> str:
    value = ffi.new("FcChar8 **")
    missing = fontconfig.FcPatternGetString(pattern, key, 0, value)
    return "" if missing else ffi.string(value[0]).decode()


@cache
def _printer() -> Printer:
    return Printer()


def printable() -> frozenset[int]:
    """Code points that the paper's font has a shape for. Raises UnprintableError when there is no such font."""
    return _printer().shapes


def print_pdf(handout: Handout) -> bytes:
    """Print with the process's own printer."""
    return _printer().print_pdf(handout)
