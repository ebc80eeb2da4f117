"""Dose parameters with their units, and the documented ranges they are held to."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number a clinician may prescribe."""

    key: str
    """The key in program files and packs; the unit is in the name."""
    label: str
    verb: str
    unit: str
    """Singular, or empty for a plain count."""

    def quantity(self, value: int) -> str:
        """The value with its unit: "1 second", "30 seconds", "3"."""
        if not self.unit:
            return str(value)
        return f"{value} {self.unit}" if value == 1 else f"{value} {self.unit}s"


PARAMETERS: Mapping[str, Parameter] = {
    parameter.key: parameter
    for parameter in (
        Parameter("sets", "Sets", "are", ""),
        Parameter("repetitions", "Repetitions", "are", ""),
        Parameter("hold_seconds", "Hold", "is", "second"),
        Parameter("rest_seconds", "Rest", "is", "second"),
    )
}
"""Every dose parameter there is. A program file takes those that its pack documents, and always the first three."""

ALWAYS_IN_FILE = ("sets", "repetitions", "hold_seconds")
"""The parameters of the program file format itself, whether or not a pack documents a range for them."""


@dataclass(frozen=True, slots=True)
class Range:
    """What the source documents for one number, both ends included."""

    low: int
    high: int
    default: int
    """What the builder fills in; inside the range."""
    source: tuple[str, ...]
    """Ids of the statements that document the range."""
    confirmed_by: tuple[str, ...] = ()
    """Ids of statements that repeat it in other words."""

    def __contains__(self, value: int) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"
