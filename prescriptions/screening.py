"""What the patient told the therapist, leg by leg. Absent means not asked, and is never read as safe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Leg(StrEnum):
    """A leg, as screened and as reached by an exercise."""

    LEFT = "left"
    RIGHT = "right"


MUSCLE_SENSATIONS = ("pull", "tension")
NERVE_SENSATIONS = ("tingling", "numbness", "burning", "sharp_pain", "shooting_pain")
SENSATIONS = MUSCLE_SENSATIONS + NERVE_SENSATIONS
CAUSES = (
    "prolonged_sitting",
    "athletic_activity",
    "insufficient_stretching",
    "nerve_tension",
    "anterior_pelvic_tilt",
    "weak_glutes",
    "poor_posture",
)
EQUIPMENT: Mapping[str, str] = {
    "strap": "a strap",
    "towel": "a towel",
    "resistance_band": "a resistance band",
    "chair": "a chair",
    "low_surface": "a low step or curb",
}
"""Equipment with the words that name it in a sentence."""


@dataclass(frozen=True, slots=True)
class Screening:
    """One screening of one patient."""

    date: str
    """ISO date, YYYY-MM-DD."""
    legs: Mapping[Leg, tuple[str, ...]]
    """Sensations by leg. An empty tuple: asked, none felt. A leg that is absent was not screened."""
    lower_back_sensitive: bool = False
    persistent: bool = False
    causes: tuple[str, ...] = ()
    equipment: tuple[str, ...] = field(default=())

    def nerve_sensations(self, leg: Leg) -> tuple[str, ...]:
        """The nerve sensations felt in ``leg``; raises KeyError for a leg that was not screened."""
        return tuple(sensation for sensation in self.legs[leg] if sensation in NERVE_SENSATIONS)
