"""The whole picture: its positions side by side on one scale, in reading order whatever way the figure faces.

The leg that works is always the near one. A figure that faces the reader's right shows its right side, one that faces
left shows its left side; lying face up changes nothing, since turning a figure within the page never turns it over.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

from prescriptions.errors import PackError
from prescriptions.figures import cues, person, props
from prescriptions.figures.figure import BOTH_LEGS, Figure
from prescriptions.figures.ink import SCALE, Circle, Mark, Pen, Trace, number
from prescriptions.figures.pose import Pose, skeleton
from prescriptions.figures.reader import parse
from prescriptions.figures.solve import settle

MARGIN = 0.03
GAP = 0.1
DOT = 0.017
ROUND = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
SIDES = ("left", "right", "both", None)


def draw(figure_toml: Path, side: str | None) -> str:
    """One SVG. ``side`` is the leg that works: "left", "right", "both" (one at a time) or None.

    Drawn facing right unless the left leg works. Raises PackError when the file does not load.
    """
    return _draw(_content(figure_toml), figure_toml.name, _known(side))


def describe(figure_toml: Path, side: str | None) -> str:
    """What the picture shows, in words, for whoever cannot see it. Raises PackError like ``draw``."""
    return _describe(_read(_content(figure_toml), figure_toml.name), _known(side))


def sources(figure_toml: Path) -> tuple[str, ...]:
    """Ids of the statements the picture rests on. Raises PackError like ``draw``."""
    return _read(_content(figure_toml), figure_toml.name).source


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PackError(file.name, "file", "is missing or can't be read") from error


def _known(side: str | None) -> str | None:
    if side not in SIDES:
        raise ValueError(f"side must be left, right, both or None, not {side!r}")
    return side


@lru_cache(maxsize=64)
def _read(content: bytes, file: str) -> Figure:
    return parse(content, file)


def _describe(figure: Figure, side: str | None) -> str:
    legs = {"leg": "left", "other": "right"} if side == "left" else {"leg": "right", "other": "left"}
    positions = " ".join(
        f"{number}. {position.text.format(**legs)}" for number, position in enumerate(figure.positions, 1)
    )
    if figure.works == BOTH_LEGS or side in {"left", "right"}:
        return f"Side view. {positions}"
    return f"Side view. One leg at a time; the right leg is shown. {positions}"


@lru_cache(maxsize=64)
def _draw(content: bytes, file: str, side: str | None) -> str:
    figure = _read(content, file)
    panels = panels_of(figure)
    boxes = [box(panel) for panel in panels]
    top = max(highest for *_, highest in boxes) + 2 * MARGIN + 2 * DOT
    height = top - min(lowest for _, lowest, *_ in boxes) + MARGIN
    left, parts = MARGIN, []
    for count, (panel, (low, _, high, _)) in enumerate(zip(panels, boxes, strict=True), 1):
        mirrored = side == "left" and figure.works != BOTH_LEGS
        pen = Pen(left + (high if mirrored else -low), top, mirrored=mirrored)
        parts += [mark.svg(pen) for mark in panel] + _signs(left, height, count)
        left += high - low + GAP
    size = f"{number(SCALE * (left - GAP + MARGIN))} {number(SCALE * height)}"
    title = f"<title>{escape(_describe(figure, side))}</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" {ROUND}>{title}{"".join(parts)}</svg>'


def panels_of(figure: Figure) -> list[list[Mark]]:
    """The marks of each position, back to front, for a figure that faces right."""
    poses = [settle(figure, index) for index in range(len(figure.positions))]
    panels = [_panel(figure, index, pose) for index, pose in enumerate(poses)]
    for index, (before, after) in enumerate(pairwise(poses), 1):
        for count, cue in enumerate(figure.positions[index].arrows):
            if not cues.moves(before, after, cue):
                raise PackError(
                    figure.file, f"positions[{index}].arrows[{count}].follow", f"{cue.follow} does not move"
                )
            panels[index] += cues.arrow(before, after, cue)
    return panels


def _panel(figure: Figure, index: int, pose: Pose) -> list[Mark]:
    bones = skeleton(pose)
    strap, pillow = figure.prop("strap") is not None, figure.prop("pillow") is not None
    leg_halo, leg = person.near_leg(bones)
    arm_halo, arm = person.near_arm(bones)
    marks = [*(props.pillow(bones) if pillow else ()), *(props.strap_behind(bones) if strap else ())]
    marks += [*person.far_limbs(bones), *person.trunk(bones), *person.head(bones)]
    marks += [*leg_halo, *props.beneath(figure), *leg]
    marks += cues.target(bones.near_leg, figure.target) if figure.positions[index].felt else ()
    return [*marks, *arm_halo, *(props.strap_in_front(bones) if strap else ()), *arm]


def _signs(left: float, height: float, count: int) -> list[str]:
    """What is never mirrored: the number of the position as dots and, after the first, the rule that leads to it."""
    pen = Pen(left, 0, mirrored=False)
    dots = Mark("#111", tuple(Circle(complex(DOT + 3.2 * DOT * dot, -MARGIN - DOT), DOT) for dot in range(count)))
    return [mark.svg(pen) for mark in (dots, *(_then(-GAP / 2, -height) if count > 1 else ()))]


def _then(x: float, bottom: float) -> Iterator[Mark]:
    """A thin rule between two positions, with a point that leads on."""
    middle = complex(x, bottom / 2)
    clear = 0.05j
    yield Mark(
        "#8792a0",
        (Trace((complex(x, -MARGIN), middle + clear)), Trace((middle - clear, complex(x, bottom + MARGIN)))),
        0.006,
    )
    yield Mark("#111", (Trace((middle + 0.024, middle - 0.018 + 0.03j, middle - 0.018 - 0.03j), closed=True),))


def box(panel: list[Mark]) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of everything drawn."""
    discs = [disc for mark in panel for disc in mark.discs()]
    return (
        min(centre.real - radius for centre, radius in discs),
        min(centre.imag - radius for centre, radius in discs),
        max(centre.real + radius for centre, radius in discs),
        max(centre.imag + radius for centre, radius in discs),
    )
