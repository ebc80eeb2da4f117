"""The one kind of markup that reaches the paper unescaped: a drawing made of these few shapes, and of nothing else.

A stored handout carries its pictures, so they are checked before each print: no link, script, style or text gets in.
"""

import re
from xml.etree import ElementTree as ET

from markupsafe import Markup

from prescriptions.errors import UnprintableError

NAMESPACE = "{http://www.w3.org/2000/svg}"
SHAPES = frozenset({"svg", "g", "path", "circle", "ellipse", "line", "polyline", "polygon", "rect", "title"})
GEOMETRY = frozenset({"viewBox", "width", "height", "transform", "d", "points"})
PLACES = frozenset({"cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2"})
PAINT = frozenset({"fill", "fill-rule", "stroke", "stroke-dasharray"})
LINES = frozenset({"stroke-width", "stroke-linecap", "stroke-linejoin"})
ATTRIBUTES = GEOMETRY | PLACES | PAINT | LINES | {"role"}
PLAIN = re.compile(r"[\w\s.,#%()+-]*", re.ASCII)
"""No colon, quote or slash: no address can be spelled with these."""
VIEW_BOX = re.compile(r'viewBox="0 0 (?P<width>\d+(?:\.\d+)?) (?P<height>\d+(?:\.\d+)?)"', re.ASCII)


def checked(svg: str) -> Markup:
    """The drawing, fit to stand in a page as it is; raises UnprintableError for anything else."""
    if "<!" in svg or "<?" in svg:
        raise UnprintableError("A picture holds a declaration; pictures are plain shapes.")
    try:
        root = ET.fromstring(svg)  # noqa: S314 - declarations, and with them entities, were refused above
    except ET.ParseError as error:
        raise UnprintableError(f"A picture can't be read: {error}.") from error
    if root.tag != f"{NAMESPACE}svg" or len(root) == 0 or root[0].tag != f"{NAMESPACE}title":
        raise UnprintableError("A picture must be one drawing that begins with its title.")
    for element in root.iter():
        _check(element)
    return Markup(svg)  # noqa: S704 - every element and attribute was checked against the lists above


def positions(svg: str) -> int:
    """How many positions a drawing shows side by side, to be numbered beside it; 0 where it numbers them itself."""
    return svg.count("<g>")


def shape(svg: str) -> float:
    """How many times as wide as high a drawing is. Raises UnprintableError for what is no drawing of ours."""
    found = VIEW_BOX.search(svg)
    if found is None or not float(found["height"]):
        raise UnprintableError("A picture does not say how large it is.")
    return float(found["width"]) / float(found["height"])


def _check(element: ET.Element) -> None:
    shape = element.tag.removeprefix(NAMESPACE)
    if shape not in SHAPES:
        raise UnprintableError(f"A picture holds <{shape}>; pictures are plain shapes.")
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES or "url" in value or not PLAIN.fullmatch(value):
            raise UnprintableError(f'A picture holds {name}="{value}"; pictures are plain shapes.')
