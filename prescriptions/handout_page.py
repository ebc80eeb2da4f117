"""Handout to HTML, for the paper and for the browser: escaped throughout, and away from Flask's templates."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from prescriptions import layouts, wording
from prescriptions.brand import PAPERS, TYPEFACES
from prescriptions.colours import greys, is_colour
from prescriptions.errors import UnprintableError
from prescriptions.fingerprint import fingerprint
from prescriptions.handout import Handout
from prescriptions.paper_pictures import checked, positions, shape

TEMPLATES = Path(__file__).parent.parent / "templates" / "handout"
SIZES = {"a4": "A4 portrait", "letter": "letter portrait"}
EDGES = {"a4": "12mm 15mm", "letter": "9mm 14mm"}
LOGO = "asset:logo"
"""The only address that a page for the paper may ask for."""

STOP, BLACK = "#9f1d20", "#000000"
FOOT_EDGE_MM, FOOT_LINE_MM = 10.5, 0.392
"""The foot of a page: what it takes without a line, and for each line by each point of its type."""
FOOT_POINTS = {layouts.LARGE: 16, layouts.COMPACT: 11}
FOOT_WIDTH = 500
"""Points, on the narrower paper."""
PAGE_NUMBER = "Page 10 of 10 "
FILE = f"file {fingerprint(b'')} "
WIDE, LATIN = "MWmw@%&", 0x24F


Draw = Callable[[str], Markup]
"""Makes of a drawing what stands in a page for it; raises UnprintableError for what is no drawing of ours."""


def environment(draw: Draw) -> Environment:
    """The templates, with a way to draw exercises."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["picture"] = lambda svg, *, monochrome: draw(greys(svg) if monochrome else svg)
    made.filters["positions"] = positions
    made.filters["drawing"] = checked  # one that no other handout has, and that is black and white anyway
    return made


@cache
def _for_browsers() -> Environment:
    return environment(checked)


def paper_html(handout: Handout, rooms: Sequence[int], templates: Environment) -> str:
    """The page that is printed. ``rooms``: how tightly each exercise is set, as ``layouts`` counts."""
    groups = layouts.groups(handout.layout, rooms or [0] * len(handout.exercises))
    return templates.get_template("handout.html").render(
        handout=handout,
        fingerprint=_fingerprint(handout),
        groups=groups,
        words=wording,
        told=layouts.told(handout.layout, rooms),
    )


def _fingerprint(handout: Handout) -> str:
    return fingerprint(handout.program_file.encode()) if handout.program_file else ""


def paper_css(handout: Handout) -> str:
    """What the style of the paper leaves to the clinic. Raises UnprintableError for what no handout can hold."""
    _refuse_unknown(handout)
    edges = "8mm 10mm" if handout.layout == layouts.COMPACT else EDGES[handout.paper]
    page = f"size: {SIZES[handout.paper]}; margin: {edges}; margin-bottom: {_foot_mm(handout):.1f}mm"
    return f"@page {{ {page} }}\n{_look(handout)}{_drawings(handout)}"


def _drawings(handout: Handout) -> str:
    return "".join(
        f".drawing-{number} {{ max-width: calc({shape(sheet.picture):.3f} * var(--high)) }}\n"
        for number, sheet in enumerate(handout.exercises, start=1)
    )


def _foot_mm(handout: Handout) -> float:
    """What the foot of each page takes, by the widest that its texts can be: it does not grow by itself."""
    points = FOOT_POINTS.get(handout.layout, 12)
    issue = f"{handout.issue} {handout.notice} {PAGE_NUMBER}"
    identity = handout.identity or handout.patient_name
    file = FILE if handout.program_file else ""
    if handout.layout == layouts.COMPACT:
        texts = [f"{issue} {file} {identity} {handout.footer}"]  # one after the other
    elif _lines(issue, points) > 1:  # the file stands below the page's number, beside whatever comes to stand there
        texts = [f"{issue} {file}", identity, handout.footer]
    else:
        texts = [issue, f"{identity} {file}", handout.footer]
    lines = sum(_lines(text, points) for text in texts)
    return FOOT_EDGE_MM + lines * points * FOOT_LINE_MM


def _lines(text: str, points: int) -> int:
    return math.ceil(_ems(text) * points / FOOT_WIDTH)


def _ems(text: str) -> float:
    """About the width of a text in bold, in sizes of its type; of long texts rather more than less."""
    return sum(_em(letter) for letter in text)


def _em(letter: str) -> float:
    if letter in WIDE or ord(letter) > LATIN:
        return 1.0
    if letter.isalnum():
        return 0.7 if letter.isupper() else 0.61
    return 0.34


def web_html(handout: Handout, *, style: str = "", logo: str = "") -> str:
    """The handout as one page for a browser, printable from there.

    ``style`` and ``logo`` are the addresses of ``web_css`` and of the clinic's logo, as a strict content policy asks.
    Without the first, the page carries its style in itself, as a file on its own must; without the second, no logo.
    """
    css = "" if style else Markup(web_css(handout))  # noqa: S704 - our own file, and values held to lists and patterns
    page = _for_browsers().get_template("web.html")
    return page.render(handout=handout, words=wording, style=style, css=css, logo=logo)


def web_css(handout: Handout) -> str:
    """The style of that page, with the clinic's colours. Raises UnprintableError for what no handout can hold."""
    _refuse_unknown(handout)
    size = "html { font-size: 137.5% }\n" if handout.layout == layouts.LARGE else ""
    return f"{_look(handout)}{size}{(TEMPLATES / 'web.css').read_text(encoding='utf-8')}"


def _look(handout: Handout) -> str:
    accent, second, stop = (handout.accent, handout.second, STOP) if not handout.monochrome else (BLACK,) * 3
    return f'html {{ --accent: {accent}; --second: {second}; --stop: {stop}; font-family: "{handout.typeface}" }}\n'


def _refuse_unknown(handout: Handout) -> None:
    """These stand in a style sheet, so they are held to their lists whatever was stored."""
    wrong = layouts.problem(handout.layout, len(handout.exercises))
    if handout.paper not in PAPERS:
        wrong = f"Paper is {handout.paper!r}; handouts are printed on {' or '.join(PAPERS)}."
    if handout.typeface not in TYPEFACES:
        wrong = f"The typeface is {handout.typeface!r}; handouts are set in {' or '.join(TYPEFACES)}."
    if not (is_colour(handout.accent) and is_colour(handout.second)):
        wrong = "A colour of the handout is none."
    if wrong:
        raise UnprintableError(wrong)
