"""Where a patient can ask whether a sheet is still current: an address as a square to scan, and a code to type."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

import segno

QUIET = 4
"""Modules of white around the square (ISO 18004): without them, telephones don't find it."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Made by whoever keeps the programs. The sheet prints it and knows nothing more of it."""

    code: str
    """Short, to be typed: "7F3K-2Q9P"."""
    address: str
    """What the square holds, and what is printed in words beside it."""


def square(address: str, title: str) -> str:
    """The address as one inline SVG: a title, a white ground and one path. Same address, same bytes."""
    code = segno.make_qr(address, error="m")
    size = code.symbol_size(border=QUIET)[0]
    # One run of dark modules is one bar: a path of some hundred strokes instead of a thousand squares.
    bars = "".join(
        f"M{start + QUIET} {row + QUIET}h{length}v1h-{length}z"
        for row, line in enumerate(code.matrix)
        for start, length in _runs(line)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><title>{escape(title)}</title>'
        f'<path d="M0 0h{size}v{size}h-{size}z" fill="#ffffff"/><path d="{bars}" fill="#000000"/></svg>'
    )


def _runs(line: bytearray) -> list[tuple[int, int]]:
    runs, start = [], None
    for at, dark in enumerate([*line, 0]):
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            runs.append((start, at - start))
            start = None
    return runs
