"""The movement between the positions as a row of drawings, to be shown one after the other.

Each drawing is solved from its own pose, so that limbs keep their length and contacts hold on the way as well.
"""

from dataclasses import dataclass
from typing import TypedDict

from prescriptions.figures.figure import Figure
from prescriptions.figures.ink import SCALE, Mark, Pen, number
from prescriptions.figures.scene import ahead, bones_between, felt, frame_of, scene

STEPS = 24
"""Drawings from one position to the next."""
FELT_FROM = 0.8
"""The share of the way from which the target area is that of the position ahead."""


class Path(TypedDict):
    """One path of the drawing: its attributes, and its line in each drawing, or once where it never changes."""

    paint: dict[str, str]
    lines: list[str]


class Film(TypedDict):
    """What a player needs. The drawings of the positions themselves are those at ``stops``."""

    viewBox: str
    stops: list[int]
    paths: list[Path]


@dataclass(frozen=True, slots=True)
class _Drawing:
    marks: list[Mark]
    """The same ones in each drawing, in the same order."""
    hidden: range
    """Those of the marks that are not to be seen in this one."""


def filmed(figure: Figure, *, mirrored: bool) -> Film:
    """Every drawing of the movement."""
    drawings = [_drawing(figure, *moment) for moment in moments(figure)]
    frame = frame_of(mark for drawing in drawings for mark in drawing.marks)
    pen = frame.pen(0, mirrored=mirrored)
    return {
        "viewBox": f"0 0 {number(SCALE * frame.width)} {number(SCALE * frame.height)}",
        "stops": [index * STEPS for index in range(len(figure.positions))],
        "paths": [_path(drawings, index, pen) for index in range(len(drawings[0].marks))],
    }


def _path(drawings: list[_Drawing], index: int, pen: Pen) -> Path:
    lines = ["" if index in one.hidden else one.marks[index].path(pen) for one in drawings]
    return {"paint": drawings[0].marks[index].paint(), "lines": lines if len(set(lines)) > 1 else lines[:1]}


def moments(figure: Figure) -> list[tuple[int, int, float]]:
    """From which position to which, and how much of the way: each drawing once, in order."""
    ways = [(after - 1, after, step / STEPS) for after in range(1, len(figure.positions)) for step in range(STEPS)]
    last = len(figure.positions) - 1
    return [*ways, (last - 1, last, 1)]


def _drawing(figure: Figure, before: int, after: int, share: float) -> _Drawing:
    bones = bones_between(figure, before, after, share)
    behind, area = scene(figure, bones), felt(figure, bones)
    is_felt = figure.positions[after if share >= FELT_FROM else before].felt
    hidden = range(0) if is_felt else range(len(behind), len(behind) + len(area))
    return _Drawing([*behind, *area, *ahead(figure, bones)], hidden)
