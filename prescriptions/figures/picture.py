"""The whole picture: its positions side by side on one scale, in reading order whatever way the figure faces.

The leg that works is always the near one. A figure that faces the reader's right shows its right side, one that faces
left shows its left side; lying face up changes nothing, since turning a figure within the page never turns it over.
"""

from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

from prescriptions.figures import cues, person, props
from prescriptions.figures.figure import BOTH_LEGS, Figure
from prescriptions.figures.ink import SCALE, Circle, Mark, Page, Trace, number
from prescriptions.figures.pose import Pose, skeleton
from prescriptions.figures.reader import parse
from prescriptions.figures.solve import settle

MARGIN = 0.03
GAP = 0.1
DOT = 0.014
SIDES = ("left", "right", "both", None)


def draw(figure_toml: Path, side: str | None) -> str:
    """One SVG. ``side`` is the leg that works: "left", "right", "both" (one at a time) or None.

    Drawn facing right unless the left leg works. Raises PackError when the file does not load.
    """
    return _draw(figure_toml.read_bytes(), figure_toml.name, _known(side))


def describe(figure_toml: Path, side: str | None) -> str:
    """What the picture shows, in words, for whoever cannot see it. Raises PackError like ``draw``."""
    return _describe(_read(figure_toml.read_bytes(), figure_toml.name), _known(side))


def sources(figure_toml: Path) -> tuple[str, ...]:
    """Ids of the statements the picture rests on. Raises PackError like ``draw``."""
    return _read(figure_toml.read_bytes(), figure_toml.name).source


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
    mirrored = side == "left" and figure.works != BOTH_LEGS
    top = max(_box(panel)[3] for panel in panels) + MARGIN + 4 * DOT
    bottom = min(_box(panel)[1] for panel in panels) - MARGIN
    left, parts = MARGIN, []
    for count, panel in enumerate(panels, 1):
        low, _, high, _ = _box(panel)
        x = left + (high if mirrored else -low)
        page = Page(SCALE * x, SCALE * top, mirrored)
        parts += [mark.svg(page) for mark in panel]
        parts.append(_dots(count).svg(Page(SCALE * left, 0, mirrored=False)))
        left += high - low + GAP
        if count < len(panels):
            rule = complex(left - GAP / 2, 0)
            parts.append(
                Mark("#b9c2cb", (Trace((rule - 1j * MARGIN, rule - 1j * (top - bottom - MARGIN))),), 0.006).svg(
                    Page(0, 0, mirrored=False)
                )
            )
    width, height = number(SCALE * (left - GAP + MARGIN)), number(SCALE * (top - bottom))
    title = f"<title>{escape(_describe(figure, side))}</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{title}{"".join(parts)}</svg>'


def panels_of(figure: Figure) -> list[list[Mark]]:
    """The marks of each position, back to front, for a figure that faces right."""
    poses = [settle(figure, index) for index in range(len(figure.positions))]
    panels = [_panel(figure, index, pose) for index, pose in enumerate(poses)]
    for index, (before, after) in enumerate(pairwise(poses), 1):
        for cue in figure.positions[index].arrows:
            panels[index] += cues.arrow(before, after, cue)
    return panels


def _panel(figure: Figure, index: int, pose: Pose) -> list[Mark]:
    bones = skeleton(pose)
    strap = figure.prop("strap") is not None
    marks = [*props.behind(figure, bones)]
    marks += props.strap_behind(bones) if strap else ()
    marks += [*person.far_limbs(bones), *person.trunk(bones), *person.head(bones), *person.near_leg(bones)]
    if figure.positions[index].felt:
        marks += cues.target(bones.near_leg, figure.target)
    marks += props.strap_in_front(bones) if strap else ()
    return [*marks, *person.near_arm(bones)]


def _dots(count: int) -> Mark:
    """The number of the position, as dots."""
    return Mark("#111", tuple(Circle(complex(DOT + 3.4 * DOT * dot, -MARGIN - DOT), DOT) for dot in range(count)))


def _box(panel: list[Mark]) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of everything drawn."""
    discs = [disc for mark in panel for disc in mark.discs()]
    return (
        min(centre.real - radius for centre, radius in discs),
        min(centre.imag - radius for centre, radius in discs),
        max(centre.real + radius for centre, radius in discs),
        max(centre.imag + radius for centre, radius in discs),
    )
