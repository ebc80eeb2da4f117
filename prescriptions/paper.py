"""Handout to HTML to PDF. The one module that imports WeasyPrint; it fetches nothing and reads no clock."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import RLock, get_ident
from typing import Any

from weasyprint import CSS, Attachment, Document
from weasyprint.text.ffi import ffi, fontconfig, harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from prescriptions import layouts, paper_fonts
from prescriptions.errors import UnprintableError
from prescriptions.fingerprint import FILE_NAME, digest
from prescriptions.handout import Handout
from prescriptions.handout_page import LOGO, TEMPLATES, environment, paper_css, paper_html
from prescriptions.paper_finish import finish
from prescriptions.paper_fonts import FontFile
from prescriptions.paper_logo import logo_of
from prescriptions.paper_page import Page
from prescriptions.paper_recording import Pictures

VARIANT = "pdf/a-3a"
"""Printing adds that it is PDF/UA-1 as well; WeasyPrint writes only one of the two by itself."""


class NoRoomError(Exception):
    """Exercises that do not fit as they are set; never leaves this module."""

    def __init__(self, rooms: Sequence[int]) -> None:
        """Keep the rooms to try next."""
        super().__init__(rooms)
        self.rooms = rooms


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be true of the pages, or they are set anew."""

    first_page: str = ""
    """A heading that stands on page 1."""
    layout: str = ""
    rooms: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The program file that goes with the paper, inside the PDF."""

    content: bytes
    date: str
    """Its date in the PDF, YYYY-MM-DD."""


class DenyAll(URLFetcher):  # type: ignore[misc] # WeasyPrint ships no types
    """Refuses every address but that of the clinic's logo, where there is one. A handout is complete in itself."""

    def __init__(self, logo: bytes = b"") -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._logo = logo

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Raise what WeasyPrint does not swallow: a missing part must never go unnoticed."""
        del headers
        if url == LOGO and self._logo:
            return URLFetcherResponse(url, body=BytesIO(self._logo), headers={"Content-Type": "image/png"})
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
        self._pictures = Pictures(self._record)
        self.picture = self._pictures.markup
        self._templates = environment(self.picture)

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
        style, logo = paper_css(handout), logo_of(handout)
        rooms = layouts.first_rooms(handout.layout, [sheet.note for sheet in handout.exercises])
        file = Enclosure(handout.program_file.encode(), handout.issued_on) if handout.program_file else None
        while True:
            try:
                html = self.to_html(handout, rooms)
                wanted = Wanted(handout.stop_title, handout.layout, rooms)
                return self.write(html, style, wanted=wanted, logo=logo, file=file)
            except NoRoomError as error:
                rooms = list(error.rooms)

    def to_html(self, handout: Handout, rooms: Sequence[int] = ()) -> str:
        """The page that is printed, every text escaped. ``rooms``: how tightly each exercise is set."""
        return paper_html(handout, rooms, self._templates)

    def write(
        self,
        html: str,
        style: str = "",
        *,
        wanted: Wanted = Wanted(),
        logo: bytes = b"",
        file: Enclosure | None = None,
    ) -> bytes:
        """Lay out and write, with the file inside.

        Raises UnprintableError when the page asks for anything outside itself but the logo, when any part of it can't
        be printed, or when a heading that is wanted on page 1 does not stand there; NoRoomError when an exercise is
        split over two pages and can still be set more tightly than its entry in the rooms.
        """
        with self._heard():
            document = self._laid_out(html, [self._style, self._css(style)], logo)
            _refuse_misplaced(document, wanted)
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

    def _laid_out(self, html: str, styles: Sequence[CSS], logo: bytes = b"") -> Document:
        # A copy, for WeasyPrint keeps there what it fetches: the next handout's logo is another clinic's.
        return Page(html, DenyAll(logo)).render(
            stylesheets=styles, font_config=self._fonts, pdf_variant=VARIANT, cache=dict(self._pictures)
        )

    def _record(self, html: str, finisher: Callable[[Document, Any], None]) -> None:
        with self._heard():
            self._laid_out(html, []).write_pdf(pdf_variant=VARIANT, finisher=finisher)


def _refuse_misplaced(document: Document, wanted: Wanted) -> None:
    headings = [label for _, label, *_ in document.pages[0].bookmarks]
    if wanted.first_page and wanted.first_page not in headings:
        raise UnprintableError(
            f'"{wanted.first_page}" has no room on page 1. Shorten the clinic\'s address or the names.'
        )
    if wanted.layout:
        tighter = layouts.tighter(wanted.layout, wanted.rooms, [set(page.anchors) for page in document.pages])
        if tighter is not None:
            raise NoRoomError(tighter)


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
