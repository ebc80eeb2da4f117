"""Shapes, and how they become SVG paths: one path per colour, one decimal, no transforms, so always the same bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from prescriptions.figures.pose import Point, direction

Disc = tuple[Point, float]
"""A centre and a radius: what a shape covers at least."""

SCALE = 100
"""Units of the drawing to one body height."""


class Pen:
    """Writes path data, y down, mirrored for a figure that faces -x. Steps are relative: they take half the bytes."""

    def __init__(self, left: float, top: float, *, mirrored: bool) -> None:
        """``left`` and ``top`` say where, in body heights, the figure's origin lies in the drawing."""
        self._origin = complex(left, top)
        self._mirrored = mirrored
        self._x = self._y = 0
        self._path: list[str] = []

    def move(self, point: Point) -> None:
        """Start at ``point``, which is written in full."""
        self._x, self._y = self._tenths(point)
        self._path.append("M" + _joined((self._x, self._y)))

    def draw(self, letter: str, *points: Point) -> None:
        """A line ("l") or a cubic piece ("c") to the last of ``points``."""
        steps = [step for point in points for step in self._step(point)]
        self._x, self._y = self._tenths(points[-1])
        self._path.append(letter + _joined(steps))

    def arc(self, radius: float, end: Point, *, large: bool) -> None:
        """Part of a circle, counter-clockwise for a figure that faces +x."""
        size = _joined((round(radius * SCALE * 10),))
        step = self._step(end)
        self._x, self._y = self._tenths(end)
        self._path.append(f"a{size} {size} 0 {int(large)} {int(self._mirrored)} {_joined(step)}")

    def close(self) -> None:
        """Back to the start."""
        self._path.append("z")

    def lift(self) -> str:
        """What was written since the last time."""
        path, self._path = "".join(self._path), []
        return path

    def _tenths(self, point: Point) -> tuple[int, int]:
        x = -point.real if self._mirrored else point.real
        return round((self._origin.real + x) * SCALE * 10), round((self._origin.imag - point.imag) * SCALE * 10)

    def _step(self, point: Point) -> tuple[int, int]:
        x, y = self._tenths(point)
        return x - self._x, y - self._y


def _joined(tenths: Iterable[int]) -> str:
    """Tenths as numbers; a minus sign parts two numbers as well as a space does."""
    return " ".join(number(value / 10) for value in tenths).replace(" -", "-")


def number(value: float) -> str:
    """One decimal, and no more characters than that needs."""
    return f"{value:.1f}".removesuffix(".0")


class Shape(Protocol):
    """Anything that can be drawn."""

    def trace(self, pen: Pen) -> None:
        """Draw it."""

    def discs(self) -> Iterable[Disc]:
        """Discs whose hull covers the shape."""


@dataclass(frozen=True, slots=True)
class Capsule:
    """Two discs and their common tangents: a limb with round ends. Counter-clockwise, so overlapping ones unite."""

    start: Point
    start_radius: float
    end: Point
    end_radius: float

    def trace(self, pen: Pen) -> None:
        """Draw it."""
        axis = direction(self.end - self.start)
        lean = (self.start_radius - self.end_radius) / abs(self.end - self.start)
        normal = complex(lean, (1 - lean**2) ** 0.5)
        left, right = axis * normal, axis * normal.conjugate()
        pen.move(self.start + self.start_radius * right)
        pen.draw("l", self.end + self.end_radius * right)
        pen.arc(self.end_radius, self.end + self.end_radius * left, large=lean < 0)
        pen.draw("l", self.start + self.start_radius * left)
        pen.arc(self.start_radius, self.start + self.start_radius * right, large=lean > 0)
        pen.close()

    def discs(self) -> Iterable[Disc]:
        """Its two ends."""
        return (self.start, self.start_radius), (self.end, self.end_radius)


@dataclass(frozen=True, slots=True)
class Circle:
    """A disc."""

    centre: Point
    radius: float

    def trace(self, pen: Pen) -> None:
        """Draw it in two half turns."""
        pen.move(self.centre + self.radius)
        pen.arc(self.radius, self.centre - self.radius, large=False)
        pen.arc(self.radius, self.centre + self.radius, large=False)
        pen.close()

    def discs(self) -> Iterable[Disc]:
        """Itself."""
        return ((self.centre, self.radius),)


@dataclass(frozen=True, slots=True)
class Trace:
    """Straight lines from point to point."""

    points: tuple[Point, ...]
    closed: bool = False

    def trace(self, pen: Pen) -> None:
        """Draw it."""
        pen.move(self.points[0])
        for point in self.points[1:]:
            pen.draw("l", point)
        if self.closed:
            pen.close()

    def discs(self) -> Iterable[Disc]:
        """Its points."""
        return ((point, 0.0) for point in self.points)


@dataclass(frozen=True, slots=True)
class Curve:
    """A smooth line: cubic pieces, each two handles and an end."""

    start: Point
    pieces: tuple[tuple[Point, Point, Point], ...]
    closed: bool = False

    def trace(self, pen: Pen) -> None:
        """Draw it."""
        pen.move(self.start)
        for piece in self.pieces:
            pen.draw("c", *piece)
        if self.closed:
            pen.close()

    def discs(self) -> Iterable[Disc]:
        """Its points and handles: a cubic never leaves their hull."""
        return ((point, 0.0) for piece in ((self.start,), *self.pieces) for point in piece)


def through(points: Sequence[Point], *, closed: bool = False) -> Curve:
    """A smooth line through all of ``points`` (Catmull and Rom); ``closed`` joins the ends by a straight line."""
    padded = (points[0], *points, points[-1])
    pieces = (
        (b + (c - a) / 6, c - (d - b) / 6, c)
        for (a, b), (c, d) in zip(pairwise(padded), pairwise(padded[2:]), strict=False)
    )
    return Curve(points[0], tuple(pieces), closed)


def ellipse(centre: Point, along: Point, across: Point) -> Curve:
    """An oval by its two half axes; counter-clockwise where ``across`` is a quarter turn after ``along``."""
    k = 0.5523
    corners = (along, across, -along, -across)
    pieces = tuple((centre + a + k * b, centre + b + k * a, centre + b) for a, b in pairwise((*corners, along)))
    return Curve(centre + along, pieces, closed=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """Shapes of one colour: filled, or drawn as a line of that width."""

    colour: str
    shapes: tuple[Shape, ...]
    width: float = 0.0

    def svg(self, pen: Pen) -> str:
        """One path."""
        for shape in self.shapes:
            shape.trace(pen)
        if not self.width:
            return f'<path fill="{self.colour}" d="{pen.lift()}"/>'
        return f'<path stroke="{self.colour}" stroke-width="{number(SCALE * self.width)}" d="{pen.lift()}"/>'

    def discs(self) -> Iterable[Disc]:
        """Discs whose hull covers the mark."""
        return ((centre, radius + self.width / 2) for shape in self.shapes for centre, radius in shape.discs())
