"""A program beside the pack it is held against, and the words its legs and feelings are told in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prescriptions.catalogue import Exercise, Pack, Rule
from prescriptions.program import Item, Program, Side
from prescriptions.screening import SENSATIONS, Leg, Screening

_LEGS_OF_SIDE = {Side.LEFT: (Leg.LEFT,), Side.RIGHT: (Leg.RIGHT,), Side.BOTH: (Leg.LEFT, Leg.RIGHT), None: ()}


@dataclass(frozen=True, slots=True)
class Prescribed:
    """An item whose exercise is in the catalogue."""

    index: int
    item: Item
    exercise: Exercise

    @property
    def path(self) -> str:
        """Where it stands in the program file."""
        return f"items[{self.index}]"

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The legs it reaches; none for a per-leg exercise without a side."""
        return _LEGS_OF_SIDE[self.item.side] if self.exercise.per_leg else (Leg.LEFT, Leg.RIGHT)


@dataclass(frozen=True, slots=True)
class Case:
    """A program beside the pack it is held against."""

    program: Program
    pack: Pack
    prescribed: tuple[Prescribed, ...]

    @property
    def screening(self) -> Screening:
        """The screening, for conditions that stand below ``screening-absent``: they never see a case without one."""
        if self.program.screening is None:
            return Screening(date="", legs={})
        return self.program.screening

    def of_kinds(self, rule: Rule) -> Iterator[Prescribed]:
        """The items that the rule's ``kinds`` and ``traits`` select; a rule without them selects all."""
        kinds, traits = rule.options.get("kinds"), rule.options.get("traits")
        for one in self.prescribed:
            if (not kinds or one.exercise.kind in kinds) and (not traits or set(traits) & set(one.exercise.traits)):
                yield one


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a condition holds."""

    path: str
    values: Mapping[str, str] = field(default_factory=dict)
    """What the rule's message may speak of."""
    source: tuple[str, ...] = ()
    """Nearer sources than the rule's own."""


def phrase(parts: Sequence[str], last: str = "and") -> str:
    """Words in a row, at least one: "tingling, numbness and burning"."""
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}" if len(parts) > 1 else parts[0]


def name_legs(legs: Sequence[Leg]) -> str:
    return phrase(legs) + (" leg" if len(legs) == 1 else " legs")


def legs_have(legs: Sequence[Leg]) -> str:
    return name_legs(legs) + (" has" if len(legs) == 1 else " have")


def count(number: int, unit: str) -> str:
    """The number with its noun: "1 session", "4 sessions"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def name_sensations(felt: Sequence[str]) -> str:
    return phrase([name.replace("_", " ") for name in SENSATIONS if name in felt])
