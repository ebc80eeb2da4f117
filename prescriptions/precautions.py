"""The closed vocabulary of conditions that a pack's rules are built from.

A condition looks at a case and yields hits; what a hit is called, how severe it is and what it says is the pack's data.
Nothing here knows a code, an exercise or a number of any pack.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prescriptions.case import Case, Hit, Prescribed, count, legs_have, name_legs, name_sensations, phrase
from prescriptions.catalogue import Rule
from prescriptions.dose import PARAMETERS, Range
from prescriptions.screening import EQUIPMENT, NERVE_SENSATIONS, Leg

KINDS = ("static-stretch", "nerve-glide", "strengthening")
MOVEMENTS = ("static", "dynamic", "ballistic")
FLAGS = ("lower_back_sensitive", "persistent")
TRAITS = ("loads-low-back",)


@dataclass(frozen=True, slots=True)
class Condition:
    """An entry of the vocabulary."""

    find: Callable[[Case, Rule], Iterator[Hit]]
    values: tuple[str, ...] = ()
    """Names that a message may use."""
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Option name to the values it may take."""
    required: tuple[str, ...] = ()
    """Options that a rule must give."""
    needs_screening: bool = False
    """It reads the screening, so it must stand below ``screening-absent``."""


def _documented(key: str, documented: Range) -> str:
    unit = PARAMETERS[key].unit
    return f"{documented} {unit}s" if unit else str(documented)


def _no_items(case: Case, _: Rule) -> Iterator[Hit]:
    if not case.program.items:
        yield Hit("items")


def _exercise_unpublished(case: Case, _: Rule) -> Iterator[Hit]:
    for index, item in enumerate(case.program.items):
        if case.pack.exercise(item.exercise) is None:
            yield Hit(f"items[{index}].exercise", {"exercise": item.exercise})


def _dose_absent(case: Case, _: Rule) -> Iterator[Hit]:
    for one in case.prescribed:
        for key, documented in one.exercise.doses.items():
            if key not in one.item.dose:
                parameter = PARAMETERS[key]
                values = {"label": parameter.label, "verb": parameter.verb, "documented": _documented(key, documented)}
                yield Hit(f"{one.path}.{key}", values, one.exercise.dose_source)
    if case.program.sessions_per_week is None and any(one.item.sessions_per_week is None for one in case.prescribed):
        frequency = case.pack.frequency
        values = {"label": "Sessions a week", "verb": "are", "documented": f"at least {frequency}"}
        yield Hit("sessions_per_week", values, frequency.source)


def _dose_undocumented(case: Case, _: Rule) -> Iterator[Hit]:
    for one in case.prescribed:
        for key in one.item.dose:
            if key not in one.exercise.doses:
                parameter = PARAMETERS[key]
                values = {"label": parameter.label, "verb": parameter.verb, "exercise": one.exercise.name}
                source = one.exercise.dose_source + one.exercise.not_applicable.get(key, ())
                yield Hit(f"{one.path}.{key}", values, source)


def _dose_outside_range(case: Case, _: Rule) -> Iterator[Hit]:
    for one in case.prescribed:
        for key, documented in one.exercise.doses.items():
            value = one.item.dose.get(key)
            if value is not None and value not in documented:
                parameter = PARAMETERS[key]
                words = {"label": parameter.label, "verb": parameter.verb}
                values = words | {"quantity": parameter.quantity(value), "range": str(documented)}
                yield Hit(f"{one.path}.{key}", values, documented.source)


def _volume_above_one_item(case: Case, _: Rule) -> Iterator[Hit]:
    for exercise in dict.fromkeys(one.exercise.id for one in case.prescribed):
        same = [one for one in case.prescribed if one.exercise.id == exercise]
        hit = _overload(same)
        if hit is not None:
            yield hit


def _overload(same: Sequence[Prescribed]) -> Hit | None:
    exercise = same[0].exercise
    key, high = exercise.volume_parameter, exercise.doses[exercise.volume_parameter].high
    totals = {
        leg: sum(one.item.dose.get(key, 0) for one in reaching)
        for leg in Leg
        if len(reaching := [one for one in same if leg in one.legs]) > 1
    }
    overloaded = [leg for leg, total in totals.items() if total > high]
    if not overloaded:
        return None
    last = [one for one in same if set(one.legs) & set(overloaded)][-1]
    values = {
        "exercise": exercise.name,
        "leg": name_legs(overloaded),
        "total": str(max(totals[leg] for leg in overloaded)),
        "unit": PARAMETERS[key].label.lower(),
        "high": str(high),
    }
    return Hit(last.path, values, exercise.dose_source)


def _side_absent(case: Case, _: Rule) -> Iterator[Hit]:
    for one in case.prescribed:
        if one.exercise.per_leg and one.item.side is None:
            yield Hit(f"{one.path}.side", {"exercise": one.exercise.name}, one.exercise.per_leg_source)


def _side_undocumented(case: Case, _: Rule) -> Iterator[Hit]:
    for one in case.prescribed:
        if not one.exercise.per_leg and one.item.side is not None:
            yield Hit(f"{one.path}.side", {"exercise": one.exercise.name}, one.exercise.per_leg_source)


def _warm_up_absent(case: Case, rule: Rule) -> Iterator[Hit]:
    if case.program.warm_up is None and any(case.of_kinds(rule)):
        yield Hit("warm_up", {"documented": f"{case.pack.warm_up_minutes} minutes"})


def _warm_up_outside_range(case: Case, _: Rule) -> Iterator[Hit]:
    warm_up, documented = case.program.warm_up, case.pack.warm_up_minutes
    if warm_up is not None and warm_up.minutes not in documented:
        yield Hit("warm_up.minutes", {"quantity": count(warm_up.minutes, "minute"), "range": str(documented)})


def _frequencies(case: Case) -> Iterator[tuple[str, int]]:
    if case.program.sessions_per_week is not None:
        yield "sessions_per_week", case.program.sessions_per_week
    for one in case.prescribed:
        if one.item.sessions_per_week is not None:
            yield f"{one.path}.sessions_per_week", one.item.sessions_per_week


def _frequency_values(case: Case, sessions: int) -> dict[str, str]:
    frequency = case.pack.frequency
    return {"quantity": count(sessions, "session"), "low": str(frequency.low), "high": str(frequency.high)}


def _frequency_below_range(case: Case, _: Rule) -> Iterator[Hit]:
    for path, sessions in _frequencies(case):
        if sessions < case.pack.frequency.low:
            yield Hit(path, _frequency_values(case, sessions))


def _frequency_above_range(case: Case, _: Rule) -> Iterator[Hit]:
    for path, sessions in _frequencies(case):
        if sessions > case.pack.frequency.high:
            yield Hit(path, _frequency_values(case, sessions))


def _screening_absent(case: Case, _: Rule) -> Iterator[Hit]:
    if case.program.screening is None:
        yield Hit("screening")


def _leg_unscreened(case: Case, _: Rule) -> Iterator[Hit]:
    for one in case.prescribed:
        unasked = [leg for leg in one.legs if leg not in case.screening.legs]
        if unasked:
            yield Hit(one.path, {"exercise": one.exercise.name, "leg": name_legs(unasked)})


def _screened(case: Case, one: Prescribed) -> Iterator[tuple[Leg, tuple[str, ...]]]:
    for leg in one.legs:
        if leg in case.screening.legs:
            yield leg, case.screening.nerve_sensations(leg)


def _alternative(case: Case, rule: Rule) -> str:
    return rule.alternative and case.pack.exercises[rule.alternative].name


def _leg_with_nerve_sensation(case: Case, rule: Rule) -> Iterator[Hit]:
    for one in case.of_kinds(rule):
        felt = {leg: nerve for leg, nerve in _screened(case, one) if nerve}
        if felt:
            values = {
                "exercise": one.exercise.name,
                "leg_has": legs_have(list(felt)),
                "sensations": name_sensations([name for nerve in felt.values() for name in nerve]),
                "alternative": _alternative(case, rule),
            }
            yield Hit(one.path, values)


def _leg_without_nerve_sensation(case: Case, rule: Rule) -> Iterator[Hit]:
    for one in case.of_kinds(rule):
        without = [leg for leg, nerve in _screened(case, one) if not nerve]
        if without:
            values = {"exercise": one.exercise.name, "leg_has": legs_have(without)}
            yield Hit(one.path, values)


def _any_leg_with_nerve_sensation(case: Case, _: Rule) -> Iterator[Hit]:
    felt = {name for sensations in case.screening.legs.values() for name in sensations} & set(NERVE_SENSATIONS)
    if felt:
        yield Hit("screening", {"sensations": name_sensations(sorted(felt))})


def _flagged(case: Case, rule: Rule) -> bool:
    return bool(getattr(case.screening, str(rule.options["flag"])))


def _screening_flag(case: Case, rule: Rule) -> Iterator[Hit]:
    if _flagged(case, rule):
        yield Hit("screening")


def _item_with_flag(case: Case, rule: Rule) -> Iterator[Hit]:
    if _flagged(case, rule):
        for one in case.of_kinds(rule):
            yield Hit(one.path, {"exercise": one.exercise.name, "alternative": _alternative(case, rule)})


def _equipment_unlisted(case: Case, _: Rule) -> Iterator[Hit]:
    for one in case.prescribed:
        lacking = [need for need in one.exercise.needs if not set(need.any_of) & set(case.screening.equipment)]
        if lacking:
            words = phrase([phrase([EQUIPMENT[name] for name in need.any_of], "or") for need in lacking])
            source = tuple(dict.fromkeys(cited for need in lacking for cited in need.source))
            yield Hit(one.path, {"exercise": one.exercise.name, "equipment": words}, source)


def _movement_is(case: Case, rule: Rule) -> Iterator[Hit]:
    for one in case.prescribed:
        if one.exercise.movement == rule.options["movement"]:
            yield Hit(one.path, {"exercise": one.exercise.name})


def _cause_screened(case: Case, _: Rule) -> Iterator[Hit]:
    for index, name in enumerate(case.screening.causes):
        cause = case.pack.causes.get(name)
        if cause is not None:
            yield Hit(f"screening.causes[{index}]", {"advice": cause.advice}, cause.source)


_DOSE = ("label", "verb")
_FREQUENCY = ("quantity", "low", "high")

_ABOUT_LEG = ("exercise", "leg_has")

_ALWAYS: dict[str, Condition] = {
    "no-items": Condition(_no_items),
    "exercise-unpublished": Condition(_exercise_unpublished, ("exercise",)),
    "dose-absent": Condition(_dose_absent, (*_DOSE, "documented")),
    "dose-undocumented": Condition(_dose_undocumented, (*_DOSE, "exercise")),
    "dose-outside-range": Condition(_dose_outside_range, (*_DOSE, "quantity", "range")),
    "volume-above-one-item": Condition(_volume_above_one_item, ("exercise", "leg", "total", "unit", "high")),
    "side-absent": Condition(_side_absent, ("exercise",)),
    "side-undocumented": Condition(_side_undocumented, ("exercise",)),
    "warm-up-absent": Condition(_warm_up_absent, ("documented",), {"kinds": KINDS}),
    "warm-up-outside-range": Condition(_warm_up_outside_range, ("quantity", "range")),
    "frequency-below-range": Condition(_frequency_below_range, _FREQUENCY),
    "frequency-above-range": Condition(_frequency_above_range, _FREQUENCY),
    "screening-absent": Condition(_screening_absent),
    "movement-is": Condition(_movement_is, ("exercise",), {"movement": MOVEMENTS}, ("movement",)),
}

_ON_SCREENING: dict[str, Condition] = {
    "leg-unscreened": Condition(_leg_unscreened, ("exercise", "leg"), needs_screening=True),
    "leg-with-nerve-sensation": Condition(
        _leg_with_nerve_sensation, (*_ABOUT_LEG, "sensations", "alternative"), {"kinds": KINDS}, needs_screening=True
    ),
    "leg-without-nerve-sensation": Condition(
        _leg_without_nerve_sensation, _ABOUT_LEG, {"kinds": KINDS}, needs_screening=True
    ),
    "any-leg-with-nerve-sensation": Condition(_any_leg_with_nerve_sensation, ("sensations",), needs_screening=True),
    "screening-flag": Condition(_screening_flag, (), {"flag": FLAGS}, ("flag",), needs_screening=True),
    "item-with-flag": Condition(
        _item_with_flag,
        ("exercise", "alternative"),
        {"flag": FLAGS, "kinds": KINDS, "traits": TRAITS},
        ("flag",),
        needs_screening=True,
    ),
    "equipment-unlisted": Condition(_equipment_unlisted, ("exercise", "equipment"), needs_screening=True),
    "cause-screened": Condition(_cause_screened, ("advice",), needs_screening=True),
}

CONDITIONS: Mapping[str, Condition] = _ALWAYS | _ON_SCREENING
"""The whole vocabulary, by the name that a rule uses."""
