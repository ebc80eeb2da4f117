"""Handout to HTML to PDF/UA-1. The one module that imports WeasyPrint; it fetches nothing and reads no clock."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import Lock, get_ident

from weasyprint import CSS, HTML
from weasyprint.text.ffi import ffi, fontconfig, harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from prescriptions import layouts, paper_fonts
from prescriptions.errors import UnprintableError
from prescriptions.handout import Handout
from prescriptions.handout_page import LOGO, TEMPLATES, paper_css, paper_html
from prescriptions.paper_fonts import FontFile
from prescriptions.paper_logo import logo_of

VARIANT = "pdf/ua-1"


class NoRoomError(Exception):
    """Exercises that do not fit as they are set; never leaves this module."""

    def __init__(self, rooms: Sequence[int]) -> None:
        """Keep the rooms to try next."""
        super().__init__(rooms)
        self.rooms = rooms


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be true of the pages, or they are set anew."""

    first_page: str
    """A heading that stands on page 1."""
    layout: str
    rooms: Sequence[int]


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
                "The library libharfbuzz-subset is not installed. No handout can be printed without it."
            )
        # One for the process, hence the lock: a new one for each handout leaks, a shared one is not thread-safe.
        self._fonts = FontConfiguration()
        self._lock = Lock()
        self.shapes = paper_fonts.printable(_installed())
        self._style = self._css((TEMPLATES / "handout.css").read_text(encoding="utf-8"))

    def _css(self, text: str) -> CSS:
        return CSS(string=text, base_url=None, url_fetcher=DenyAll(), font_config=self._fonts)

    def print_pdf(self, handout: Handout) -> bytes:
        """The handout as PDF/UA-1: the same bytes for the same handout. Raises UnprintableError, never prints amiss."""
        paper_fonts.check(handout, self.shapes)
        style = paper_css(handout)
        rooms = layouts.first_rooms(handout.layout, [sheet.note for sheet in handout.exercises])
        logo = logo_of(handout)
        while True:
            try:
                html = self.to_html(handout, rooms)
                return self.write(
                    html, style, first_page=handout.stop_title, layout=handout.layout, rooms=rooms, logo=logo
                )
            except NoRoomError as error:
                rooms = list(error.rooms)

    def to_html(self, handout: Handout, rooms: Sequence[int] = ()) -> str:
        """The page that is printed, every text escaped. ``rooms``: how tightly each exercise is set."""
        return paper_html(handout, rooms)

    def write(
        self,
        html: str,
        style: str = "",
        *,
        first_page: str = "",
        layout: str = "",
        rooms: Sequence[int] = (),
        logo: bytes = b"",
    ) -> bytes:
        """Lay out and write.

        Raises UnprintableError when the page asks for anything outside itself, when any part of it can't be printed,
        or when the heading ``first_page`` does not stand on page 1; NoRoomError when an exercise is split over two
        pages and can still be set more tightly than its entry in ``rooms``.
        """
        complaints, logger = Complaints(), logging.getLogger("weasyprint")
        with self._lock:
            logger.addHandler(complaints)
            try:
                pdf = self._write(html, style, logo, Wanted(first_page, layout, rooms))
            except FatalURLFetchingError as error:
                raise UnprintableError(str(error)) from error
            finally:
                logger.removeHandler(complaints)
        if complaints.said:
            raise UnprintableError(f"A part of the handout can't be printed: {complaints.said[0]}")
        return pdf

    def _write(self, html: str, style: str, logo: bytes, wanted: Wanted) -> bytes:
        page = HTML(string=html, base_url=None, url_fetcher=DenyAll(logo))
        styles = [self._style, self._css(style)]
        document = page.render(stylesheets=styles, font_config=self._fonts, pdf_variant=VARIANT)
        headings = [label for _, label, *_ in document.pages[0].bookmarks]
        if wanted.first_page and wanted.first_page not in headings:
            raise UnprintableError(
                f'"{wanted.first_page}" has no room on page 1. Shorten the clinic\'s address or the names.'
            )
        if wanted.layout:
            tighter = layouts.tighter(wanted.layout, wanted.rooms, [set(one.anchors) for one in document.pages])
            if tighter is not None:
                raise NoRoomError(tighter)
        pdf: bytes = document.write_pdf(pdf_variant=VARIANT)
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
