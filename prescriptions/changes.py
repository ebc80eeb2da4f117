"""What is different in a new version of a program, field by field, in words for the patient."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prescriptions import wording
from prescriptions.catalogue import Exercise, Pack
from prescriptions.dose import PARAMETERS
from prescriptions.program import Item, Program, WarmUp

NOTHING, NEW, OUT = "not given", "new", "taken out, do not do it any more"
NOTE, NO_NOTE = "new, read it with the exercise", "taken out"
"""A note may be long; it stands with its exercise."""
NOT_SAID = frozenset({"patient", "screening", "acknowledgements"})
"""Fields of a program that are not compared: who it is for stands above, and the rest is for clinicians."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different."""

    what: str
    before: str
    """Empty where there was nothing before, or nothing is left."""
    now: str


def changes(previous: Program, program: Program, pack: Pack) -> tuple[Change, ...]:
    """Every difference that the sheet says, in the order of the sheet; none where both say the same."""
    return (*_of_the_program(previous, program), *_of_the_items(previous.items, program.items, pack))


def _of_the_program(previous: Program, program: Program) -> Iterator[Change]:
    for what, words in PROGRAM_FIELDS.items():
        before, now = words(previous), words(program)
        if before != now:
            yield Change(what, before or NOTHING, now or NOTHING)


def _warm_up(given: WarmUp | None) -> str:
    return "" if given is None else wording.warm_up(given).rstrip(".").lower()


PROGRAM_FIELDS: dict[str, Callable[[Program], str]] = {
    "Warm up": lambda program: _warm_up(program.warm_up),
    "Days each week": lambda program: _count(program.sessions_per_week),
    "For how long": lambda program: wording.plural(program.weeks, "week") if program.weeks else "",
    "First day": lambda program: wording.day(program.starts_on) if program.starts_on else "",
    "When": lambda program: ", ".join(wording.TIMINGS[timing] for timing in program.timing),
}


def _of_the_items(before: Sequence[Item], now: Sequence[Item], pack: Pack) -> Iterator[Change]:
    pairs = _pairs(before, now)
    for number, item in enumerate(now, start=1):
        name = f"Exercise {number}"
        old = pairs.get(number - 1)
        if old is None:
            yield Change(name, "", NEW)
        else:
            yield from _of_the_item(name, before[old], item, pack.exercises[item.exercise])
    for index, item in enumerate(before):
        if index not in pairs.values():
            yield Change(_name(item, pack), "", OUT)
    kept = list(pairs.values())
    if kept != sorted(kept):
        yield Change("The order", "", "go by the numbers on this sheet")


def _name(item: Item, pack: Pack) -> str:
    exercise = pack.exercises.get(item.exercise)  # the catalogue may have moved on since
    return exercise.plain_name if exercise else item.exercise


def _pairs(before: Sequence[Item], now: Sequence[Item]) -> dict[int, int]:
    """Index of an item now to its index before: the same exercise for the same side first, then the same exercise."""
    pairs: dict[int, int] = {}
    for alike in (lambda one: (one.exercise, one.side), lambda one: one.exercise):
        for index, item in enumerate(now):
            free = (
                old for old, other in enumerate(before) if old not in pairs.values() and alike(other) == alike(item)
            )
            old = None if index in pairs else next(free, None)
            if old is not None:
                pairs[index] = old
    return dict(sorted(pairs.items()))


def _of_the_item(name: str, before: Item, now: Item, exercise: Exercise) -> Iterator[Change]:
    if before.side != now.side and exercise.per_leg:
        yield Change(f"{name}, side", _side(before), _side(now))
    yield from _of_the_dose(name, before.dose, now.dose)
    if before.sessions_per_week != now.sessions_per_week:
        yield Change(f"{name}, days each week", _own_days(before), _own_days(now))
    if before.note != now.note:
        yield Change(f"{name}, note", "", NOTE if now.note else NO_NOTE)


def _of_the_dose(name: str, before: Mapping[str, int], now: Mapping[str, int]) -> Iterator[Change]:
    for key, parameter in PARAMETERS.items():
        if before.get(key) != now.get(key):
            words = (parameter.quantity(dose[key]) if key in dose else NOTHING for dose in (before, now))
            yield Change(f"{name}, {wording.PARAMETER_LABELS[key]}", *words)


def _own_days(item: Item) -> str:
    return _count(item.sessions_per_week) or "as the rest"


def _side(item: Item) -> str:
    return wording.SIDE_TITLES[item.side].lower() if item.side else NOTHING


def _count(number: int | None) -> str:
    return str(number) if number else ""
