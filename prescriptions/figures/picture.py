"""The whole picture: its positions side by side on one scale, in reading order whatever way the figure faces.

The leg that works is always the near one. A figure that faces the reader's right shows its right side, one that faces
left shows its left side; lying face up changes nothing, since turning a figure within the page never turns it over.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from prescriptions.errors import PackError
from prescriptions.figures.figure import BOTH_LEGS, Figure
from prescriptions.figures.film import Film, filmed
from prescriptions.figures.ink import SCALE, Mark, Trace, number
from prescriptions.figures.reader import parse
from prescriptions.figures.scene import MARGIN, Frame, frame_of, panels_of

ROUND = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
CLEAR = 0.05j
"""Above and below the point between two positions."""
SIDES = ("left", "right", "both", None)


def draw(figure_toml: Path, side: str | None) -> str:
    """One SVG. ``side`` is the leg that works: "left", "right", "both" (one at a time) or None.

    Drawn facing right unless the left leg works. Raises PackError when the file does not load.
    """
    return _draw(_content(figure_toml), figure_toml.name, _known(side))


def describe(figure_toml: Path, side: str | None) -> str:
    """What the picture shows, in words, for whoever cannot see it. Raises PackError like ``draw``."""
    return _describe(_read(_content(figure_toml), figure_toml.name), _known(side))


def count(figure_toml: Path) -> int:
    """How many positions it shows. Raises PackError like ``draw``."""
    return len(_read(_content(figure_toml), figure_toml.name).positions)


def sources(figure_toml: Path) -> tuple[str, ...]:
    """Ids of the statements the picture rests on. Raises PackError like ``draw``."""
    return _read(_content(figure_toml), figure_toml.name).source


def film(figure_toml: Path, side: str | None) -> Film:
    """The movement from position to position, to be played; ``side`` as in ``draw``. Raises PackError like ``draw``."""
    return _film(_content(figure_toml), figure_toml.name, _known(side))


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


def _is_mirrored(figure: Figure, side: str | None) -> bool:
    return side == "left" and figure.works != BOTH_LEGS


@lru_cache(maxsize=64)
def _draw(content: bytes, file: str, side: str | None) -> str:
    figure = _read(content, file)
    panels = panels_of(figure)
    frame = frame_of(mark for panel in panels for mark in panel)
    parts = [f"<title>{escape(_describe(figure, side))}</title>"]
    for column, panel in enumerate(panels):
        pen = frame.pen(column, mirrored=_is_mirrored(figure, side))
        parts += ["<g>", *(mark.svg(pen) for mark in panel), "</g>"]
    for column in range(1, len(panels)):
        parts += [mark.svg(frame.pen(column, mirrored=False)) for mark in _then(frame)]
    size = f"{number(SCALE * frame.width * len(panels))} {number(SCALE * frame.height)}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" {ROUND}>{"".join(parts)}</svg>'


@lru_cache(maxsize=64)
def _film(content: bytes, file: str, side: str | None) -> Film:
    figure = _read(content, file)
    return filmed(figure, mirrored=_is_mirrored(figure, side))


def _then(frame: Frame) -> Iterator[Mark]:
    """A thin rule before a position, with a point that leads on to it."""
    middle = complex(frame.low - MARGIN, (frame.top + frame.bottom) / 2)
    reach = complex(0, frame.height / 2 - MARGIN)
    rule = (Trace((middle + reach, middle + CLEAR)), Trace((middle - CLEAR, middle - reach)))
    yield Mark("#8792a0", rule, 0.006)
    yield Mark("#111", (Trace((middle + 0.024, middle - 0.018 + 0.03j, middle - 0.018 - 0.03j), closed=True),))
