"""The one font family of the paper: where it must be, and whether it has a shape for every character of a handout."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # fontTools ships no types

from prescriptions.errors import UnprintableError
from prescriptions.handout import Fact, Handout

FAMILY = "Noto Sans"
STYLES = ("Regular", "Bold")
NOT_PRINTED = frozenset({"picture", "program_file"})
"""A drawing holds no text but its title, which is ``picture_text``; the program file lies behind the paper."""


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
            raise UnprintableError(
                f"The font {FAMILY} {style} is not installed, and no handout can be printed without it: "
                "install Debian's fonts-noto-core."
            )
    return frozenset.intersection(*(_code_points(font.path) for font in usable))


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
                    f"The font {FAMILY} has no shape for it, so the handout can't be printed."
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
