"""What is wrong with the structure of a PDF and yet escapes a validator."""

from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream

from tests.prescriptions.builders_paper import document

MARKERS = {"/Decimal", "/Disc"}


def elements(pdf: bytes) -> list[Any]:
    """The structure elements of a PDF, in reading order."""
    return list(_elements(document(pdf)))


def faults(pdf: bytes) -> list[str]:
    """Each fault in words; none for a PDF in order."""
    reader = document(pdf)
    drawings = [Drawing(page) for page in reader.pages]
    return [
        *_orphans(reader),
        *_marks_of_nothing(reader, drawings),
        *_unplaced_figures(reader, drawings),
        *_heads_without_scope(reader),
        *_lists_without_numbering(reader),
        *_pages_without_foot(drawings),
    ]


class Drawing:
    """What a page draws, by the marks it is marked with."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.places: dict[int, list[tuple[float, float]]] = {}
        """Where paths begin. Text has none."""
        self.has_foot = False
        self._matrix: tuple[float, ...] = (1, 0, 0, 1, 0, 0)
        self._kept: list[tuple[float, ...]] = []
        self._marks: list[int | None] = []
        for operands, operator in ContentStream(page["/Contents"], page.pdf).operations:
            step = getattr(self, f"_{operator.decode()}", None) if operator.isalpha() else None
            if step:
                step(*operands)

    def _q(self) -> None:
        self._kept.append(self._matrix)

    def _Q(self) -> None:  # noqa: N802 - the operator's name
        self._matrix = self._kept.pop()

    def _cm(self, *numbers: Any) -> None:
        self._matrix = _multiplied([float(one) for one in numbers], self._matrix)

    def _BDC(self, role: str, properties: Any) -> None:  # noqa: N802
        mark = properties.get("/MCID")
        self._marks.append(mark)
        self.has_foot |= role == "/Artifact" and properties.get("/Type") == "/Pagination"
        if mark is not None:
            self.places[mark] = []

    def _BMC(self, _role: str) -> None:  # noqa: N802
        self._marks.append(None)

    def _EMC(self) -> None:  # noqa: N802
        self._marks.pop()

    def _m(self, x: Any, y: Any) -> None:
        if self._marks and self._marks[-1] is not None:
            a, b, c, d, e, f = self._matrix
            x, y = float(x), float(y)
            self.places[self._marks[-1]].append((a * x + c * y + e, b * x + d * y + f))


def _multiplied(first: Any, second: Any) -> tuple[float, ...]:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _elements(reader: PdfReader) -> Iterator[Any]:
    return _below(reader.root_object["/StructTreeRoot"]["/K"])


def _below(kids: Any) -> Iterator[Any]:
    for kid in (one.get_object() for one in kids):
        if isinstance(kid, dict):
            yield kid
            yield from _below(kid["/K"])


def _orphans(reader: PdfReader) -> Iterator[str]:
    objects = map(reader.get_object, range(1, reader.trailer["/Size"] - 1))
    written = sum(isinstance(one, dict) and one.get("/Type") == "/StructElem" for one in objects)
    linked = sum(1 for _ in _elements(reader))
    if written != linked:
        yield f"{written} structure elements, and {linked} of them in the tree"


def _marks_of_nothing(reader: PdfReader, drawings: list[Drawing]) -> Iterator[str]:
    linked = {id(element) for element in _elements(reader)}
    parents = reader.root_object["/StructTreeRoot"]["/ParentTree"]["/Nums"][1::2]
    for number, (drawing, found) in enumerate(zip(drawings, parents, strict=False), start=1):
        owners = [owner.get_object() for owner in found.get_object()]
        lost = [mark for mark in drawing.places if id(owners[mark]) not in linked or mark not in owners[mark]["/K"]]
        if lost:
            yield f"page {number}: {lost} belong to nothing"


def _unplaced_figures(reader: PdfReader, drawings: list[Drawing]) -> Iterator[str]:
    """Figures whose box is not around what is drawn, give or take the thickness of a line."""
    on = {drawing.page.indirect_reference: drawing for drawing in drawings}
    for figure in (element for element in _elements(reader) if element["/S"] == "/Figure"):
        left, low, right, high = figure["/A"]["/BBox"]
        places = on[figure.raw_get("/Pg")].places[figure["/K"][0]]
        inside = [left - 9 <= x <= right + 9 and low - 9 <= y <= high + 9 for x, y in places]
        if not places or not all(inside):
            yield f"a figure at {left, low, right, high} is drawn elsewhere"


def _heads_without_scope(reader: PdfReader) -> Iterator[str]:
    for element in (one for one in _elements(reader) if one["/S"] == "/TH"):
        wanted = "/Column" if element["/P"]["/P"]["/S"] == "/THead" else "/Row"
        if element["/A"].get("/Scope") != wanted:
            yield f"a head of a table has the scope {element['/A'].get('/Scope')} and not {wanted}"


def _lists_without_numbering(reader: PdfReader) -> Iterator[str]:
    for element in (one for one in _elements(reader) if one["/S"] == "/L"):
        if element.get("/A", {}).get("/ListNumbering") not in MARKERS:
            yield "a list does not say how it is numbered"


def _pages_without_foot(drawings: list[Drawing]) -> Iterator[str]:
    for number, drawing in enumerate(drawings, start=1):
        if not drawing.has_foot:
            yield f"page {number}: its foot is no artifact of the page"
