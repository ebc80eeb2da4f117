"""Numbers in plain words for patients: numerals always, no abbreviations, reading grade 6 or lower. Pure functions."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from prescriptions.catalogue import Exercise, Need, Sourced
from prescriptions.dose import PARAMETERS
from prescriptions.program import Item, Patient, Side, WarmUp

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

SIDE_TITLES: Mapping[Side | None, str] = {
    Side.LEFT: "Left leg",
    Side.RIGHT: "Right leg",
    Side.BOTH: "Each leg",
    None: "Both legs together",
}
SIDE_PHRASES: Mapping[Side | None, str] = {
    Side.LEFT: "on your left leg",
    Side.RIGHT: "on your right leg",
    Side.BOTH: "on each leg",
    None: "with both legs together",
}

MOVEMENT_WORDS: Mapping[str, tuple[str, str]] = {
    "nerve-glide": ("slow movement", "slow movements"),
    "static-stretch": ("stretch", "stretches"),
    "strengthening": ("movement", "movements"),
}
"""One repetition that is not held, and several, by the exercise's kind."""

EQUIPMENT_WORDS: Mapping[str, str] = {
    "strap": "a strap",
    "towel": "a towel",
    "resistance_band": "a stretch band",
    "chair": "a firm chair",
    "low_surface": "a low step or curb",
}

WARM_UPS: Mapping[str, str] = {
    "walking": "Walk for {minutes}.",
    "light_cardio": "Do light cardio for {minutes}. Move your whole body with ease.",
}

TIMINGS: Mapping[str, str] = {
    "after_workout": "after your workout",
    "rest_day": "on a rest day",
    "morning": "in the morning",
    "evening": "in the evening",
}
PARAMETER_LABELS: Mapping[str, str] = {
    "sets": "sets",
    "repetitions": "times",
    "hold_seconds": "hold",
    "rest_seconds": "rest",
}

PICTURE_HELP = "The numbers show the order. The stripes show where you should feel it."
EACH_LEG_HELP = "The picture shows your right leg. Do the same with your left leg."
STOP = "Stop and call us"
NO_HOLD = "Do not hold the end position."
TICK = "Tick 1 box each time you are done."
SCORE = "At the end of each week, score your worst discomfort. Use 0 for none and 10 for the worst."
UNTIL_NEXT_VISIT = "Keep going until your next visit."
LOOKUP = "Is this sheet still the right one? Scan the square. Or open the address and type the code."
CUT = "Cut along the dashed line."
SQUARE = "A square to scan with your phone. It opens the address that stands beside it."
DEMONSTRATION = "This is a demo. It is not for a patient."


def plural(count: int, one: str, many: str | None = None) -> str:
    """The count with its noun: "1 set", "2 sets"."""
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"


def day(iso: str) -> str:
    """An ISO date as people write it: "23 November 2026"."""
    found = date.fromisoformat(iso)
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def version(number: int, replaces: int | None) -> str:
    """Which sheet this is, and which one it makes useless: "2 (replaces version 1)"."""
    return f"{number} (replaces version {replaces})" if replaces else str(number)


def identity(patient: Patient) -> str:
    """Whose sheet it is, by name and by one thing more, so that two people of one name don't mix up their sheets."""
    if patient.birth_date:
        second = f"born {day(patient.birth_date)}"
    else:
        second = f"record {patient.identifier}" if patient.identifier else ""
    return ", ".join(part for part in (patient.name, second) if part)


def issue(number: str, edition: int, issued_on: str) -> str:
    """Which sheet it is: "Program HW-7F3K2Q9P, version 2, 22 November 2026"."""
    dated = f", {day(issued_on)}" if issued_on else ""
    return f"Program {number}, version {edition}{dated}"


def changed(replaces: int | None, *, anything: bool) -> str:
    """The first words of the box that says what is different."""
    old = f"Please throw away version {replaces}. " if replaces else ""
    return old + ("This is what changed." if anything else "What you do stays the same.")


def choice(words: Iterable[str]) -> str:
    """Alternatives in one phrase: "a strap, a towel, or a stretch band"."""
    *rest, last = words
    if not rest:
        return last
    return f"{rest[0]} or {last}" if len(rest) == 1 else f"{', '.join(rest)}, or {last}"


def side(exercise: Exercise, item: Item) -> Side | None:
    """The side to print; None where the exercise works both legs at once, whatever the item says."""
    return item.side if exercise.per_leg else None


def dose(exercise: Exercise, item: Item) -> tuple[Sourced, ...]:
    """How much of one exercise. What is said depends on what the pack documents, never on which exercise it is."""
    source = tuple(dict.fromkeys((*exercise.dose_source, *exercise.per_leg_source)))
    lines = [Sourced(text, source) for text in (_movement(exercise, item), _sets(item.dose)) if text]
    if "hold_seconds" in exercise.not_applicable:
        lines.append(Sourced(NO_HOLD, exercise.not_applicable["hold_seconds"]))
    return tuple(lines)


def _movement(exercise: Exercise, item: Item) -> str:
    given, where = item.dose, SIDE_PHRASES[side(exercise, item)]
    sentences = []
    if "hold_seconds" in given:
        sentences.append(f"Hold for {_quantity(given, 'hold_seconds')}.")
    if "repetitions" in given:
        sentences.append(_repetitions(exercise, given, where))
    return " ".join(sentences)


def _sets(given: Mapping[str, int]) -> str:
    sentences = []
    if "sets" in given:
        sentences.append(f"That is 1 set. Do {plural(given['sets'], 'set')}.")
    if "rest_seconds" in given:
        when = "between sets" if given.get("sets", 1) > 1 else "after the set"
        sentences.append(f"Rest for {_quantity(given, 'rest_seconds')} {when}.")
    return " ".join(sentences)


def _repetitions(exercise: Exercise, given: Mapping[str, int], where: str) -> str:
    if "hold_seconds" in given:
        return f"Do this {plural(given['repetitions'], 'time')} {where}."
    return f"Do {plural(given['repetitions'], *MOVEMENT_WORDS[exercise.kind])} in a row {where}."


def _quantity(given: Mapping[str, int], key: str) -> str:
    return PARAMETERS[key].quantity(given[key])


def caption(printed: Side | None) -> tuple[str, ...]:
    """How to read the picture."""
    return (PICTURE_HELP, EACH_LEG_HELP) if printed is Side.BOTH else (PICTURE_HELP,)


def need(wanted: Need) -> Sourced:
    """What to have at hand."""
    return Sourced(f"You need {choice(EQUIPMENT_WORDS[key] for key in wanted.any_of)}.", wanted.source)


def warm_up(given: WarmUp) -> str:
    """What comes first, and for how long."""
    return WARM_UPS[given.activity].format(minutes=plural(given.minutes, "minute"))


def frequency(sessions_per_week: int, weeks: int | None) -> str:
    """How often the whole program is done, and for how long where that is known."""
    often = f"Do this program on {plural(sessions_per_week, 'day')} each week"
    return f"{often}, for {plural(weeks, 'week')}." if weeks else f"{often}."


def own_frequency(sessions_per_week: int) -> str:
    """How often one exercise is done where that differs from the program."""
    return f"Do this exercise on {plural(sessions_per_week, 'day')} each week."


def period(starts_on: str | None, weeks: int | None) -> tuple[str, ...]:
    """From when, and until when."""
    if starts_on is None:
        return () if weeks else (UNTIL_NEXT_VISIT,)
    start = f"Start on {day(starts_on)}."
    if weeks is None:
        return (start, UNTIL_NEXT_VISIT)
    last = last_day(starts_on, weeks)
    return (start, f"Your last day is {day(last)}.") if last else (start,)


def last_day(starts_on: str | None, weeks: int | None) -> str:
    """ISO date of the last day; empty where it is not known."""
    if starts_on is None or weeks is None:
        return ""
    try:
        return (date.fromisoformat(starts_on) + timedelta(weeks=weeks, days=-1)).isoformat()
    except OverflowError:  # a start that close to the year 10000 is a slip, and no reason to fail
        return ""


def session_length(minutes: int) -> str:
    """An estimate, so that nobody has to add up."""
    return f"It takes about {plural(minutes, 'minute')} each time."


def diary_room(weeks: int) -> str:
    """Said when the program runs for longer than the table has rows."""
    return f"This table has room for {plural(weeks, 'week')}. Then ask us for a new one."
