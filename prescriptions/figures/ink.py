"""Shapes, and how they become SVG paths: one path per colour, one decimal, no transforms, so always the same bytes."""

from collections.abc import Iterable, Iterator, Sequence
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


def _half_turn(pen: Pen, start: Point, end: Point, tip: Point) -> None:
    """A round end as one cubic piece, 2 % off at most: where it is printed, a true arc becomes many long numbers."""
    pen.draw("c", start + 4 / 3 * tip, end + 4 / 3 * tip, end)


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
        _half_turn(pen, self.end + self.end_radius * right, self.end + self.end_radius * left, self.end_radius * axis)
        pen.draw("l", self.start + self.start_radius * left)
        tip = -self.start_radius * axis
        _half_turn(pen, self.start + self.start_radius * left, self.start + self.start_radius * right, tip)
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
        _half_turn(pen, self.centre + self.radius, self.centre - self.radius, self.radius * 1j)
        _half_turn(pen, self.centre - self.radius, self.centre + self.radius, self.radius * -1j)
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


def through(points: Sequence[Point]) -> Curve:
    """A smooth line through all of ``points`` (Catmull and Rom)."""
    return Curve(points[0], tuple(_pieces((points[0], *points, points[-1]))))


def around(points: Sequence[Point]) -> Curve:
    """A smooth outline through all of ``points`` and back to the first."""
    return Curve(points[0], tuple(_pieces((points[-1], *points, *points[:2]))), closed=True)


def _pieces(points: Sequence[Point]) -> Iterator[tuple[Point, Point, Point]]:
    for (a, b), (c, d) in zip(pairwise(points), pairwise(points[2:]), strict=False):
        yield b + (c - a) / 6, c - (d - b) / 6, c


@dataclass(frozen=True, slots=True)
class Mark:
    """Shapes of one colour: filled, or drawn as a line of that width, which may have another colour inside."""

    colour: str
    shapes: tuple[Shape, ...]
    width: float = 0.0
    inside: str = ""

    def svg(self, pen: Pen) -> str:
        """One path."""
        paint = " ".join(f'{name}="{value}"' for name, value in self.paint().items())
        return f'<path {paint} d="{self.path(pen)}"/>'

    def paint(self) -> dict[str, str]:
        """Everything of the path but its line."""
        if not self.width:
            return {"fill": self.colour}
        line = {"stroke": self.colour, "stroke-width": number(SCALE * self.width)}
        return {"fill": self.inside, **line} if self.inside else line

    def path(self, pen: Pen) -> str:
        """The line of the path."""
        for shape in self.shapes:
            shape.trace(pen)
        return pen.lift()

    def discs(self) -> Iterable[Disc]:
        """Discs whose hull covers the mark."""
        return ((centre, radius + self.width / 2) for shape in self.shapes for centre, radius in shape.discs())
