"""The font families of the paper: where they must be, and whether they have a shape for each character of a handout."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # fontTools ships no types

from prescriptions.brand import TYPEFACES
from prescriptions.errors import UnprintableError
from prescriptions.handout import Fact, Handout

STYLES = ("Regular", "Bold")
NOT_PRINTED = frozenset({"picture", "square", "logo", "program_file"})
"""Fields that hold no text to print: titles of drawings are looked at where they stand as text, and the program file
lies behind the paper."""


@dataclass(frozen=True, slots=True)
class FontFile:
    """One font as the system lists it."""

    family: str
    style: str
    path: Path


def printable(installed: Iterable[FontFile]) -> frozenset[int]:
    """Code points that every style of every typeface has a shape for: a clinic may change its typeface at any time.

    Raises UnprintableError when a style is missing.
    """
    usable = {(font.family, font.style): font.path for font in installed}
    for family in TYPEFACES:
        for style in STYLES:
            if (family, style) not in usable:
                raise UnprintableError(
                    f"The font {family} {style} is not installed, and no handout can be printed without it: "
                    "install Debian's fonts-noto-core."
                )
    return frozenset.intersection(*(_code_points(usable[family, style]) for family in TYPEFACES for style in STYLES))


def _code_points(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def check(handout: Handout, shapes: frozenset[int]) -> None:
    """Raise UnprintableError for the first text of the handout that has a character without a shape."""
    for where, text in texts(handout):
        for character in text:
            if ord(character) not in shapes:
                raise UnprintableError(
                    f"{where[:1].upper()}{where[1:]} holds {character!r} (U+{ord(character):04X}). "
                    f"The font {handout.typeface} has no shape for it, so the handout can't be printed."
                )


def texts(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text inside a value, with its place in words: "exercises 1, note"; a fact goes by its label."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Fact):
        yield value.label, value.value
    else:
        for part, place in _parts(value, where):
            yield from texts(part, place)


def _parts(value: object, where: str) -> Iterator[tuple[object, str]]:
    if isinstance(value, tuple):
        for number, part in enumerate(value, start=1):
            yield part, f"{where} {number}"
    elif is_dataclass(value):
        for field in (field.name for field in fields(value) if field.name not in NOT_PRINTED):
            place = field.replace("_", " ")
            yield getattr(value, field), f"{where}, {place}" if where else place
