"""Shapes, and how they become SVG paths. One path per colour, one decimal, no transforms: the same bytes everywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from prescriptions.figures.pose import Point, direction

Disc = tuple[Point, float]
"""A centre and a radius: what a shape covers at least."""

SCALE = 200
"""Units of the drawing to one body height."""


@dataclass(frozen=True, slots=True)
class Page:
    """From body heights (y up) to the drawing (y down), mirrored for a figure that faces -x."""

    left: float
    """Where x = 0 of the figure lies in the drawing, in drawing units."""
    top: float
    mirrored: bool

    def at(self, point: Point) -> str:
        """That point as two numbers."""
        x = -point.real if self.mirrored else point.real
        return f"{number(self.left + SCALE * x)} {number(self.top - SCALE * point.imag)}"

    @property
    def turn(self) -> int:
        """The sweep flag of an arc that turns counter-clockwise for a figure that faces +x."""
        return int(self.mirrored)


def number(value: float) -> str:
    """One decimal, and no more characters than that needs."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


class Shape(Protocol):
    """Anything that can be drawn."""

    def path(self, page: Page) -> str:
        """The path data."""

    def discs(self) -> Iterable[Disc]:
        """Discs whose hull covers the shape."""


@dataclass(frozen=True, slots=True)
class Capsule:
    """Two discs and their common tangents: a limb with round ends."""

    start: Point
    start_radius: float
    end: Point
    end_radius: float

    def path(self, page: Page) -> str:
        """The path data, counter-clockwise, so that overlapping capsules unite."""
        axis = direction(self.end - self.start)
        lean = (self.start_radius - self.end_radius) / abs(self.end - self.start)
        normal = complex(lean, (1 - lean**2) ** 0.5)
        left, right = axis * normal, axis * normal.conjugate()
        return (
            f"M{page.at(self.start + self.start_radius * right)}"
            f"L{page.at(self.end + self.end_radius * right)}"
            f"{_arc(page, self.end_radius, self.end + self.end_radius * left, large=lean < 0)}"
            f"L{page.at(self.start + self.start_radius * left)}"
            f"{_arc(page, self.start_radius, self.start + self.start_radius * right, large=lean > 0)}Z"
        )

    def discs(self) -> Iterable[Disc]:
        """Its two ends."""
        return (self.start, self.start_radius), (self.end, self.end_radius)


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc."""

    centre: Point
    radius: float

    def path(self, page: Page) -> str:
        """The path data: two half turns."""
        left, right = self.centre - self.radius, self.centre + self.radius
        return (
            f"M{page.at(right)}{_arc(page, self.radius, left, large=False)}"
            f"{_arc(page, self.radius, right, large=False)}Z"
        )

    def discs(self) -> Iterable[Disc]:
        """Itself."""
        return ((self.centre, self.radius),)


@dataclass(frozen=True, slots=True)
class Trace:
    """Straight lines from point to point."""

    points: tuple[Point, ...]
    closed: bool = False

    def path(self, page: Page) -> str:
        """The path data."""
        return "M" + "L".join(page.at(point) for point in self.points) + ("Z" if self.closed else "")

    def discs(self) -> Iterable[Disc]:
        """Its points."""
        return ((point, 0.0) for point in self.points)


@dataclass(frozen=True, slots=True)
class Curve:
    """A smooth line: cubic pieces, each two handles and an end."""

    start: Point
    pieces: tuple[tuple[Point, Point, Point], ...]
    closed: bool = False

    def path(self, page: Page) -> str:
        """The path data."""
        pieces = "".join("C" + " ".join(page.at(point) for point in piece) for piece in self.pieces)
        return f"M{page.at(self.start)}{pieces}{'Z' if self.closed else ''}"

    def discs(self) -> Iterable[Disc]:
        """Its points and handles: a cubic never leaves their hull."""
        return ((point, 0.0) for piece in ((self.start,), *self.pieces) for point in piece)


def through(points: Sequence[Point]) -> Curve:
    """A smooth line through all of ``points`` (Catmull and Rom)."""
    padded = (points[0], *points, points[-1])
    pieces = (
        (b + (c - a) / 6, c - (d - b) / 6, c)
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    )
    return Curve(points[0], tuple(pieces))


def ellipse(centre: Point, along: Point, across: Point) -> Curve:
    """An oval, counter-clockwise, by its two half axes; ``across`` is the end of a quarter turn after ``along``."""
    k = 0.5523
    corners = (along, across, -along, -across)
    pieces = tuple(
        (centre + a + k * b, centre + b + k * a, centre + b)
        for a, b in zip(corners, (*corners[1:], along), strict=True)
    )
    return Curve(centre + along, pieces, closed=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """Shapes of one colour: filled, or drawn as a line of that width."""

    colour: str
    shapes: tuple[Shape, ...]
    width: float = 0.0

    def svg(self, page: Page) -> str:
        """One path."""
        data = "".join(shape.path(page) for shape in self.shapes)
        if not self.width:
            return f'<path fill="{self.colour}" d="{data}"/>'
        line = f'stroke="{self.colour}" stroke-width="{number(SCALE * self.width)}"'
        return f'<path fill="none" {line} stroke-linecap="round" stroke-linejoin="round" d="{data}"/>'

    def discs(self) -> Iterable[Disc]:
        """Discs whose hull covers the mark."""
        return ((centre, radius + self.width / 2) for shape in self.shapes for centre, radius in shape.discs())


def _arc(page: Page, radius: float, end: Point, *, large: bool) -> str:
    size = number(SCALE * radius)
    return f"A{size} {size} 0 {int(large)} {page.turn} {page.at(end)}"
