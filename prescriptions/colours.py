"""A clinic's colours on white paper: how well they stand out, and what is printed where they don't. Pure functions."""

import colorsys
import re
from dataclasses import dataclass

PAPER = "#ffffff"
TEXT_CONTRAST = 4.5
"""What WCAG 2.2 asks of text (1.4.3); nothing on the sheet is set less clearly."""
DARKER = 0.01
"""A step down in lightness while a legible shade is looked for."""

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_BEND, _FLOOR, _SLOPE, _LIFT, _POWER = 0.04045, 12.92, 1.055, 0.055, 2.4
_WEIGHTS = (0.2126, 0.7152, 0.0722)
"""Relative luminance, as WCAG 2.2 defines it."""


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour as it was chosen, and as it is printed."""

    chosen: str
    printed: str
    contrast: float
    """Of the chosen one, on white: 1 to 21."""

    @property
    def advice(self) -> str:
        """What an administrator should know; empty where the colour is printed as chosen."""
        if self.printed == self.chosen:
            return ""
        return (
            f"{self.chosen} is too light to read on white paper: its contrast is {self.contrast:.1f} to 1, and "
            f"{TEXT_CONTRAST} to 1 is needed. Handouts are printed in {self.printed} instead."
        )


def is_colour(text: str) -> bool:
    """Whether ``text`` is a colour as a brand has it: "#0b5f66"."""
    return _COLOUR.fullmatch(text) is not None


def contrast(one: str, other: str = PAPER) -> float:
    """How far two colours stand apart, 1 to 21. Raises ValueError for what is no colour."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def legible(colour: str) -> Shade:
    """The colour, or the nearest darker shade of it that can be read on white. Raises ValueError for no colour."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    printed = colour
    while contrast(printed) < TEXT_CONTRAST:
        lightness = max(0.0, lightness - DARKER)
        printed = _hex(colorsys.hls_to_rgb(hue, lightness, saturation))
    return Shade(colour, printed, contrast(colour))


def greys(text: str) -> str:
    """Any text, a drawing say, with each colour in it replaced by the grey of the same brightness."""
    return re.sub(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b", lambda found: _grey(found[0]), text)


def _grey(colour: str) -> str:
    parts = colour.lower() if len(colour) > len("#rgb") else "#" + "".join(digit * 2 for digit in colour[1:].lower())
    light = _luminance(parts)
    level = light * _FLOOR if light <= _BEND / _FLOOR else _SLOPE * light ** (1 / _POWER) - _LIFT
    return _hex((level, level, level))


def _luminance(colour: str) -> float:
    linear = [part / _FLOOR if part <= _BEND else ((part + _LIFT) / _SLOPE) ** _POWER for part in _parts(colour)]
    return sum(weight * part for weight, part in zip(_WEIGHTS, linear, strict=True))


def _parts(colour: str) -> tuple[float, float, float]:
    if not is_colour(colour):
        raise ValueError(f"A colour is written as #0b5f66, not as {colour!r}.")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
