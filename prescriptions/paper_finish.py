"""What a handout's PDF lacks when WeasyPrint hands it over: both standards named at once, and a structure made whole.

A validator finds the missing names. It does not find the rest, which readers stumble over: figures whose boxes
lie elsewhere, table heads without a direction, lists that do not say how they count, and the foot of each page,
whose elements hang in no tree.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import pydyf

POINTS_PER_PIXEL = 0.75
LISTS = {"ol": "/Decimal", "ul": "/Disc"}
UNMARKED = "/None"
SCOPES = {"/THead": "/Column", "/TBody": "/Row"}
PAGE_FURNITURE = {"Type": "/Pagination"}
SAYING_NOTHING = {"/Span", "/NonStruct"}
BARE = {"Type", "S", "P", "K", "Pg"}
"""Entries of an element that says nothing about what is in it."""

# PDF/A knows no PDF/UA: a file that claims both has to bring the description of the claim along.
BOTH_STANDARDS = """\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
SOURCE = """\
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:source>sha256:{digest}</dc:source>\
</rdf:Description>"""
END = b"</rdf:RDF>"


def finish(pdf: pydyf.PDF, html: str, digest: str) -> None:
    """Complete ``pdf``, which was made from ``html``; ``digest`` is the hash of the program file in it, or empty."""
    metadata = _at(pdf, pdf.catalog["Metadata"])
    said = BOTH_STANDARDS + (SOURCE.format(digest=digest) if digest else "")
    metadata.stream = [part.replace(END, said.encode() + END, 1) for part in metadata.stream]
    if "AF" in pdf.catalog:  # each file stands in it twice
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    tree = Tree(pdf)
    tree.part_from_page_furniture()
    tree.place_figures()
    tree.direct_table_heads()
    tree.number_lists(html)
    tree.fold_spans()
    pdf.objects = [_settled(one, dropped=one.number in tree.dropped) for one in pdf.objects]


def _settled(one: pydyf.Object, *, dropped: bool) -> pydyf.Object:
    if dropped:
        return _Dropped()
    if one.free == "f":
        return one
    return _Settled(one) if one.compressible else _SettledStream(one)


class _Settled(pydyf.Object):  # type: ignore[misc] # pydyf ships no types
    """An object that is as it will be. Its identifier makes pydyf ask each one twice for its bytes, compressed."""

    data: bytes = b""

    def __init__(self, settled: pydyf.Object) -> None:
        super().__init__()
        self.number, self.data = settled.number, settled.data


class _Dropped(pydyf.Object):  # type: ignore[misc] # as above
    """The place of an object that is no more. Nothing leads there, and the list of objects calls it free for ever."""

    compressible = False

    def __init__(self) -> None:
        super().__init__()
        self.number, self.generation, self.free = 0, 65535, "f"


class _SettledStream(pydyf.Stream):  # type: ignore[misc] # pydyf ships no types
    """The same for a stream."""

    data: bytes = b""

    def __init__(self, settled: pydyf.Stream) -> None:
        super().__init__()
        self.number, self.data = settled.number, settled.data


class Tree:
    """The structure elements of a PDF."""

    def __init__(self, pdf: pydyf.PDF) -> None:
        """Walk the tree once, in reading order."""
        self._pdf = pdf
        self._root = _at(pdf, pdf.catalog["StructTreeRoot"])
        self._elements = list(self._below(self._root["K"]))
        self.dropped: set[int] = set()
        """Numbers of objects that are no longer needed."""

    def _below(self, kids: Iterable[object]) -> Iterator[Any]:
        for kid in kids:
            if isinstance(kid, bytes):
                element = _at(self._pdf, kid)
                if element.get("Type") == "/StructElem":
                    yield element
                    yield from self._below(element["K"])

    def part_from_page_furniture(self) -> None:
        """Make the foot of each page an artifact, and what pretended to be its structure nothing."""
        lost = self._lost()
        for page, parents in zip(self._pages(), self._parents(), strict=True):
            furniture = {mark for mark, parent in enumerate(parents) if parent in lost}
            parents[:] = ["null" if parent in lost else parent for parent in parents]
            _as_artifacts(_at(self._pdf, page["Contents"]).stream, furniture)
        self.dropped.update(element.number for element in lost.values())

    def _lost(self) -> dict[bytes, Any]:
        """Elements that nothing leads to, by their references."""
        linked = {element.number for element in self._elements}
        found = (one for one in self._pdf.objects if isinstance(one, dict) and one.get("Type") == "/StructElem")
        return {element.reference: element for element in cast("Iterator[Any]", found) if element.number not in linked}

    def place_figures(self) -> None:
        """Give the boxes of figures in points, from the foot of the page."""
        for figure in self._called("/Figure"):
            height = _at(self._pdf, figure["Pg"])["MediaBox"][3]
            left, top, right, bottom = (POINTS_PER_PIXEL * edge for edge in figure["A"]["BBox"])
            figure["A"]["BBox"] = pydyf.Array((left, height - bottom, right, height - top))

    def direct_table_heads(self) -> None:
        """Say of each head whether it speaks for its row or for its column."""
        for head in self._called("/TH"):
            group = _at(self._pdf, _at(self._pdf, head["P"])["P"])
            head["A"]["Scope"] = SCOPES[group["S"]]

    def number_lists(self, html: str) -> None:
        """Say of each list how its items are marked; a list that is cut by a page's end consists of several."""
        waiting = _lists(html)
        kind, left = UNMARKED, 0
        for part in self._called("/L"):
            marks = sum(element["S"] == "/Lbl" for element in self._below(part["K"]))
            if marks and not left:
                kind, left = next(waiting)
            left -= marks
            part["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": kind})

    def fold_spans(self) -> None:
        """Give what bare spans hold to the element around them: half of a tree are spans, and they say nothing."""
        parents = dict(zip(self._pdf.page_references, self._parents(), strict=False))
        for element in reversed(self._elements):  # what is inside comes first
            around = _at(self._pdf, element["P"])
            if element["S"] in SAYING_NOTHING and BARE.issuperset(element) and around.get("Pg") == element["Pg"]:
                for kid in element["K"]:
                    if isinstance(kid, bytes):
                        _at(self._pdf, kid)["P"] = around.reference
                    else:
                        parents[element["Pg"]][kid] = around.reference
                place = around["K"].index(element.reference)
                around["K"][place : place + 1] = element["K"]
                self.dropped.add(element.number)

    def _parents(self) -> Sequence[Any]:
        """For each page, the elements that its marks belong to."""
        numbers = _at(self._pdf, self._root["ParentTree"])["Nums"]
        of_pages: Sequence[Any] = numbers[1::2][: len(self._pdf.page_references)]  # annotations come after the pages
        return of_pages

    def _called(self, role: str) -> Iterator[Any]:
        return (element for element in self._elements if element["S"] == role)

    def _pages(self) -> Sequence[Any]:
        return [_at(self._pdf, reference) for reference in self._pdf.page_references]


def _at(pdf: pydyf.PDF, reference: bytes) -> Any:  # noqa: ANN401 - pydyf ships no types
    return pdf.objects[int(reference.split()[0])]


def _lists(html: str) -> Iterator[tuple[str, int]]:
    """Kind and number of items of each list of a page. Lists are not nested, and nothing typed looks like a tag."""
    for tag, content in re.findall(r"<(ol|ul)\b[^>]*>(.*?)</\1>", html, flags=re.DOTALL):
        yield LISTS[tag], len(re.findall(r"<li\b", content))


def _as_artifacts(stream: list[Any], marks: set[int]) -> None:
    """Of the marked pieces of a page, make these artifacts. A piece begins with its role, its mark and an operator."""
    for place, operator in enumerate(stream):
        if operator == b"BDC" and stream[place - 1]["MCID"] in marks:
            stream[place - 2 : place] = ["/Artifact", pydyf.Dictionary(PAGE_FURNITURE)]
