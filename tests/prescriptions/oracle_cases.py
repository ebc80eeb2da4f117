"""Program files for the oracle: for each group of rules every combination of the values it looks at, and mixes."""

import random
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, combinations, islice, product
from typing import Any

from tests.prescriptions.oracle import (
    CAUSES,
    CODES,
    EXERCISES,
    GLIDE,
    LONG_SIT,
    STANDING,
    SUPINE,
)

UNKNOWN = "hopping-on-one-leg"
SIDES = (None, "left", "right", "both")
NONE_TO_SEVEN = (None, 1, 2, 3, 4, 5, 6, 7)
FEELINGS = ("pull", "tension", "tingling", "numbness", "burning", "sharp_pain", "shooting_pain")
EQUIPMENT = ("strap", "towel", "resistance_band", "chair", "low_surface")
LEG_STATES = (None, (), ("burning",), ("tension", "numbness"))
"""None: not screened."""
REASONS = (
    "123456789",
    "1234567890",
    "12345678901",
    "  123456789  ",
    "  1234567890 ",
    "1 3 5 7 9 1",
    "123 567 9   ",
    "\u00a0\u2003123456789\u2003",
    "-" * 500,
)

Case = dict[str, Any]


def subsets(values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return list(chain.from_iterable(combinations(values, size) for size in range(len(values) + 1)))


def given(**values: Any) -> Case:
    return {key: value for key, value in values.items() if value is not None}


def an_item(exercise: str, side: str | None = None, **changes: int | None) -> Case:
    """The exercise with a dose inside its range, changed as told; None leaves a parameter out."""
    usual = {"sets": 2, "repetitions": 12} if exercise == GLIDE else {"repetitions": 3, "hold_seconds": 30}
    return given(exercise=exercise, side=side, **(usual | changes))


def fitting(exercise: str) -> Case:
    return an_item(exercise, None if exercise == LONG_SIT else "left")


def screened(left: tuple[str, ...] | None = (), right: tuple[str, ...] | None = (), **changes: Any) -> Case:
    legs = {leg: {"sensations": list(felt)} for leg, felt in (("left", left), ("right", right)) if felt is not None}
    return {"date": "2026-11-20", "legs": legs, "equipment": list(EQUIPMENT)} | changes


def a_program(*items: Case, **changes: Any) -> Case:
    usual = {
        "screening": screened(),
        "warm_up": {"activity": "walking", "minutes": 5},
        "sessions_per_week": 4,
    }
    return given(format="holdwell-program/1", items=list(items), **(usual | changes))


def doses() -> Iterator[Case]:
    holds = (None, 1, 19, 20, 21, 29, 30, 31, 999)
    repetitions = (None, 1, 2, 3, 4, 9, 10, 11, 14, 15, 16, 999)
    sets = (None, 1, 2, 3, 4, 999)
    for exercise, side, hold, times, rounds in product(EXERCISES, SIDES, holds, repetitions, sets):
        yield a_program(an_item(exercise, side, hold_seconds=hold, repetitions=times, sets=rounds))


def doses_on_screened_legs() -> Iterator[Case]:
    exercises, legs = (*EXERCISES, UNKNOWN), (None, ("tension",), ("pull", "sharp_pain"))
    some = product((None, 2, 4), (None, 3, 12), (None, 30, 45))
    for (rounds, times, hold), exercise, side, left, right in product(some, exercises, SIDES, legs, legs):
        item = an_item(exercise, side, sets=rounds, repetitions=times, hold_seconds=hold)
        yield a_program(item, screening=screened(left, right))


def sensations() -> Iterator[Case]:
    for exercise, side, one, other in product((*EXERCISES, UNKNOWN), SIDES, (None, *subsets(FEELINGS)), LEG_STATES):
        yield a_program(an_item(exercise, side), screening=screened(one, other))
        yield a_program(an_item(exercise, side), screening=screened(other, one))


def unscreened() -> Iterator[Case]:
    for exercises, side, sessions in product(product((*EXERCISES, UNKNOWN), repeat=2), SIDES, NONE_TO_SEVEN):
        yield a_program(*(an_item(e, side) for e in exercises), screening=None, sessions_per_week=sessions)


def frequencies() -> Iterator[Case]:
    for second, program, one, other in product((LONG_SIT, GLIDE, UNKNOWN), *[NONE_TO_SEVEN] * 3):
        items = an_item(SUPINE, "left", sessions_per_week=one), an_item(second, "right", sessions_per_week=other)
        yield a_program(*items, sessions_per_week=program)
        yield a_program(items[1], sessions_per_week=program)


def warm_ups() -> Iterator[Case]:
    minutes = (1, 4, 5, 6, 9, 10, 11, 120)
    warm = [None, *({"activity": a, "minutes": m} for a, m in product(("walking", "light_cardio"), minutes))]
    known = (*EXERCISES, UNKNOWN)
    for exercises, warm_up in product([(), *product(known), *product(known, repeat=2)], warm):
        yield a_program(*map(fitting, exercises), warm_up=warm_up)


def nothing_prescribed() -> Iterator[Case]:
    warm = (None, {"activity": "walking", "minutes": 4}, {"activity": "walking", "minutes": 10})
    for sessions, warm_up, left, right in product(NONE_TO_SEVEN, warm, LEG_STATES, LEG_STATES):
        yield a_program(sessions_per_week=sessions, warm_up=warm_up, screening=screened(left, right))


def volume_of_two() -> Iterator[Case]:
    between = ((), (an_item(STANDING, "both"), an_item(GLIDE, "left", sets=1)), (an_item(UNKNOWN),))
    for exercise, sides, amounts, others in product(
        EXERCISES, product(SIDES, repeat=2), product((None, 1, 2, 3, 4), repeat=2), between
    ):
        first, last = _counted(exercise, sides, amounts)
        yield a_program(first, *others, last)


def volume_of_three() -> Iterator[Case]:
    for exercise, sides, amounts in product(EXERCISES, product(SIDES, repeat=3), product((None, 1, 2, 3), repeat=3)):
        yield a_program(*_counted(exercise, sides, amounts))


def _counted(exercise: str, sides: Iterable[str | None], amounts: Iterable[int | None]) -> list[Case]:
    counted = "sets" if exercise == GLIDE else "repetitions"
    return [an_item(exercise, side, **{counted: n}) for side, n in zip(sides, amounts, strict=True)]


def equipment() -> Iterator[Case]:
    for exercises, listed in product(subsets((*EXERCISES, UNKNOWN)), [None, *subsets(EQUIPMENT)]):
        screening = {key: value for key, value in screened().items() if key != "equipment"}
        if listed is not None:
            screening["equipment"] = list(listed)
        yield a_program(*map(fitting, exercises), screening=screening)


def flags() -> Iterator[Case]:
    some = (None, ("pull",), ("tingling",))
    for exercises, back, lasting, left, right in product(
        subsets(tuple(EXERCISES)), (None, False, True), (None, False, True), some, some
    ):
        screening = screened(left, right, **given(lower_back_sensitive=back, persistent=lasting))
        yield a_program(*map(fitting, exercises), screening=screening)


def causes() -> Iterator[Case]:
    answers = (None, [{"code": "root-cause", "reason": "123456789"}], [{"code": "root-cause", "reason": "1234567890"}])
    for some, turned, answer in product(subsets(tuple(CAUSES)), (1, -1), answers):
        yield a_program(fitting(SUPINE), screening=screened(causes=list(some[::turned])), acknowledgements=answer)


SEVERAL_CAUTIONS = a_program(
    fitting(LONG_SIT),
    an_item(GLIDE, "both", sessions_per_week=7),
    fitting(STANDING),
    sessions_per_week=6,
    screening=screened(lower_back_sensitive=True, persistent=True, causes=list(CAUSES), equipment=[]),
)
A_BLOCK_TOO = a_program(
    an_item(GLIDE, "both"),
    fitting(SUPINE),
    screening=screened(("burning",), equipment=["chair"], persistent=True),
)
TWO_CAUTIONS = a_program(fitting(SUPINE), sessions_per_week=7, screening=screened(persistent=True))
ONE_CAUTION = (
    a_program(fitting(SUPINE), sessions_per_week=6),
    a_program(fitting(GLIDE)),
    a_program(fitting(GLIDE), screening=screened(("tingling",))),
    a_program(fitting(SUPINE), screening=screened(persistent=True)),
    a_program(fitting(LONG_SIT), screening=screened(lower_back_sensitive=True)),
    a_program(fitting(STANDING), screening=screened(equipment=["strap"])),
)


def acknowledged() -> Iterator[Case]:
    for code, reason, situation in product(CODES, REASONS, (*ONE_CAUTION, SEVERAL_CAUTIONS, A_BLOCK_TOO)):
        yield situation | {"acknowledgements": [{"code": code, "reason": reason}]}


def acknowledged_twice() -> Iterator[Case]:
    texts = product(("123456789", "1234567890"), ("123456789 ", "12345678901"))
    for one, other, (reason, second), situation in product(
        CODES, CODES, texts, (TWO_CAUTIONS, SEVERAL_CAUTIONS, A_BLOCK_TOO)
    ):
        answers = [{"code": one, "reason": reason}, {"code": other, "reason": second}]
        yield situation | {"acknowledgements": answers}


def long_lists() -> Iterator[Case]:
    """Enough items that items[10] would sort before items[2] if paths were compared letter by letter."""
    rng = random.Random(60)  # noqa: S311  the same programs every time
    for size in (11, 12, 21, 60):
        for _ in range(25):
            yield a_program(*(_any_item(rng) for _ in range(size)), screening=screened(("tingling",), ("pull",)))


def _any_item(rng: random.Random) -> Case:
    return an_item(
        rng.choice((*EXERCISES, UNKNOWN)),
        rng.choice(SIDES),
        sets=rng.choice((None, None, 1, 2, 3, 4)),
        repetitions=rng.choice((None, 1, 2, 3, 4, 9, 10, 12, 15, 16)),
        hold_seconds=rng.choice((None, 19, 20, 27, 30, 31)),
        sessions_per_week=rng.choice(NONE_TO_SEVEN),
    )


GROUPS: dict[Callable[[], Iterator[Case]], int] = {
    doses: 10_368,
    doses_on_screened_legs: 4_860,
    sensations: 20_640,
    unscreened: 800,
    frequencies: 3_072,
    warm_ups: 527,
    nothing_prescribed: 384,
    volume_of_two: 4_800,
    volume_of_three: 16_384,
    equipment: 1_056,
    flags: 1_296,
    causes: 768,
    acknowledged: 1_584,
    acknowledged_twice: 5_808,
    long_lists: 100,
}
"""Every combination of the values that one group of rules looks at, and how many there are."""
MIXES, MIXED_BY_A_SEED = range(4), 7_500
"""Seeds of programs that are mixed from two groups each."""


def mixes(seed: int, count: int) -> Iterator[Case]:
    """Programs that take each of their parts from one of two programs of different groups."""
    rng = random.Random(seed)  # noqa: S311  the same programs every time
    for _ in range(count):
        one, other = (rng.choice(pool) for pool in rng.sample(_pools(), 2))
        yield _mixed(rng, one, other)


@cache
def _pools() -> list[list[Case]]:
    return [list(islice(group(), 0, None, -(-size // 400))) for group, size in GROUPS.items()]


def _mixed(rng: random.Random, one: Case, other: Case) -> Case:
    mixed = _either(rng, one, other)
    if "screening" in one and "screening" in other:
        mixed["screening"] = _either(rng, one["screening"], other["screening"])
    items = [*one["items"], *other["items"], _any_item(rng)]
    mixed["items"] = rng.sample(items, min(len(items), rng.randrange(6)))
    if rng.random() < 0.5:
        codes = rng.sample(tuple(CODES), rng.randrange(len(CODES) + 1))
        mixed["acknowledgements"] = [{"code": code, "reason": rng.choice(REASONS)} for code in codes]
    return mixed


def _either(rng: random.Random, one: Case, other: Case) -> Case:
    sources = {key: rng.choice((one, other)) for key in one | other}
    return {key: source[key] for key, source in sources.items() if key in source} | {
        key: one[key] for key in ("format", "date", "legs") if key in one
    }
