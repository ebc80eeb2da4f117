"""Pictures, drawn once and then replayed: drawing an SVG takes a fifth of the time that a handout does.

WeasyPrint looks an image up in the dictionary that ``render(cache=...)`` is given before it fetches anything. What it
finds there has to know its size and how to draw itself, no more. So a picture is printed alone once, on a page of its
own size; what it left on that page is kept, and stands in each handout that shows it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree as ET

import pydyf
from markupsafe import Markup

from prescriptions.errors import UnprintableError
from prescriptions.paper_pictures import NAMESPACE, checked

MOST = 200
"""Pictures that are kept at a time: a catalogue's, for each side and each way to draw them."""
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Picture</title><style>'
    "@page {{ size: {width}px {height}px; margin: 0 }} body {{ margin: 0 }} "
    "svg {{ display: block; width: {width}px; height: {height}px }}</style></head><body>{svg}</body></html>"
)
PLACED = frozenset({b"m", b"l", b"c", b"re"})
FRACTION = re.compile(rb"-?\d*\.\d{2,}")
"""Pictures are given in tenths of a unit, a fifth of a point; what lies between comes of turning arcs into curves."""
OPAQUE = re.compile(rb"/[aA]1(\.0)? gs")
NOTHING = {b"1 0 0 1 0 0 cm", b"0 0 m"}
"""Steps that move nothing; a path that begins at the origin begins again where it really does."""
PLAIN = frozenset("q Q cm rg RG w d J j M m l c re h f f* S B B* n W W*".split())  # noqa: SIM905 - as in the PDF standard

Print = Callable[[str, Callable[[Any, pydyf.PDF], None]], object]
"""Prints a page of HTML, and shows the finished PDF to somebody before it is written."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A picture as WeasyPrint takes it from its cache."""

    width: float
    height: float
    steps: bytes

    def get_intrinsic_size(self, _resolution: float, _font_size: float) -> tuple[float, float, float]:
        """Width and height in pixels, and their ratio."""
        return self.width, self.height, self.width / self.height

    def draw(self, stream: Any, width: float, height: float, _style: object) -> None:  # noqa: ANN401 - no types
        """Draw it as large as it fits into this much room, in the middle."""
        scale = min(width / self.width, height / self.height)
        left, top = (width - scale * self.width) / 2, (height - scale * self.height) / 2
        stream.transform(scale, 0, 0, scale, left, top)
        stream.stream.append(self.steps)


class Pictures(dict[str, object]):
    """The pictures of one printer, by the address that they have in its pages: the cache that WeasyPrint asks."""

    def __init__(self, show: Print) -> None:
        """``show`` prints a page."""
        super().__init__()
        self._show = show
        self._markup: dict[str, Markup] = {}

    def markup(self, svg: str) -> Markup:
        """What stands in the page for a picture; raises UnprintableError when it is not made of plain shapes."""
        if svg not in self._markup:
            if len(self._markup) >= MOST:
                self.clear()
                self._markup.clear()
            self._markup[svg] = self._added(svg)
        return self._markup[svg]

    def _added(self, svg: str) -> Markup:
        root = ET.fromstring(checked(svg))  # noqa: S314 - checked: no declarations, and so no entities
        _, _, width, height = (float(number) for number in root.attrib["viewBox"].split())
        kept: list[bytes] = []
        page = PAGE.format(width=width, height=height, svg=svg)
        self._show(page, lambda _, pdf: kept.extend(_steps(pdf)))
        address = f"picture:{sha256(svg.encode()).hexdigest()}"
        self[address] = Recording(width, height, b"\n".join(kept))
        return Markup('<img src="{}" alt="{}"/>').format(address, root.findtext(f"{NAMESPACE}title"))


def _steps(pdf: pydyf.PDF) -> Iterator[bytes]:
    """What the one figure on the one page draws."""
    page = pdf.objects[int(pdf.page_references[0].split()[0])]
    stream = pdf.objects[int(page["Contents"].split()[0])].stream
    begin = stream.index(b"BDC") + 1
    steps = stream[begin : stream.index(b"EMC", begin)]
    for step in (one for one in steps if one not in NOTHING):
        operator = step.split()[-1]
        if operator in PLACED:
            yield FRACTION.sub(lambda found: b"%g" % round(float(found[0]), 1), step)
        elif operator.decode() in PLAIN:
            yield step
        elif not OPAQUE.fullmatch(step):
            raise UnprintableError(
                f"A picture needs {step[:40].decode()!r}; pictures are plain shapes in flat colours."
            )
