"""The one font family of the paper: where it must be, and whether it has a shape for every character of a handout."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from fontTools.ttLib import TTFont

from prescriptions.errors import UnprintableError

FAMILY = "Noto Sans"
STYLES = ("Regular", "Bold")


@dataclass(frozen=True, slots=True)
class FontFile:
    """One font as the system lists it."""

    family: str
    style: str
    path: Path


def printable(installed: Iterable[FontFile]) -> frozenset[int]:
    """Code points that every style of the family has a shape for; raises UnprintableError when a style is missing."""
    usable = [font for font in installed if font.family == FAMILY and font.style in STYLES]
    for style in STYLES:
        if style not in {font.style for font in usable}:
            raise UnprintableError(f"The font {FAMILY} {style} is not installed. No handout can be printed without it.")
    return frozenset.intersection(*(_code_points(font.path) for font in usable))


def _code_points(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def check(value: object, shapes: frozenset[int], name: str = "handout") -> None:
    """Raise UnprintableError for the first text inside ``value`` that has a character without a shape."""
    for field, text in texts(value, name):
        for character in text:
            if ord(character) not in shapes:
                raise UnprintableError(
                    f"{field}: the font {FAMILY} has no shape for {character!r} (U+{ord(character):04X}), "
                    "so this handout can't be printed."
                )


def texts(value: object, name: str) -> Iterator[tuple[str, str]]:
    """Every string inside a value, with its path: "handout.exercises[0].note"."""
    if isinstance(value, str):
        # A drawing holds no text to print; its title is picture_text, which is checked.
        yield from () if name.endswith(".picture") else ((name, value),)
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from texts(part, f"{name}[{index}]")
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name), f"{name}.{field.name}")
