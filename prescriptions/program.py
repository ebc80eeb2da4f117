"""A program for one patient, as values. What is absent is None or empty, never a guess."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from prescriptions.screening import Screening


class Side(StrEnum):
    """The side an item is prescribed for."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


ACTIVITIES = ("walking", "light_cardio")
TIMINGS = ("after_workout", "rest_day", "morning", "evening")


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the program is for."""

    name: str | None = None
    identifier: str | None = None
    birth_date: str | None = None
    """ISO date, YYYY-MM-DD."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What comes before the first exercise."""

    activity: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Item:
    """One prescribed exercise."""

    exercise: str
    side: Side | None = None
    dose: Mapping[str, int] = field(default_factory=dict)
    """Parameter key to value; only the parameters that were given."""
    sessions_per_week: int | None = None
    """Replaces the program's, for this item."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A clinician's reason for going on in spite of a finding."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Program:
    """What a program file says."""

    items: tuple[Item, ...]
    patient: Patient = field(default_factory=Patient)
    screening: Screening | None = None
    warm_up: WarmUp | None = None
    sessions_per_week: int | None = None
    timing: tuple[str, ...] = ()
    weeks: int | None = None
    starts_on: str | None = None
    """ISO date, YYYY-MM-DD."""
    acknowledgements: tuple[Acknowledgement, ...] = ()
