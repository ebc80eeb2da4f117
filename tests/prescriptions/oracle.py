"""The check a second time, from the sentences it was ordered with, for the first pack only.

It shares no code and no data with the package: program files are plain dicts, the numbers below are typed in from the
source with the id of their statement beside them, and each group of rules is a table. Where the two disagree, one of
them has misread a sentence.
"""

import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

SUPINE, LONG_SIT = "supine-hamstring-stretch-strap", "seated-long-sit-hamstring-stretch"
STANDING, GLIDE = "standing-hamstring-stretch", "seated-sciatic-nerve-glide"

HELD = {"repetitions": range(2, 4), "hold_seconds": range(20, 31)}  # supine.dose, longsit.dose, standing.dose, rout.2
GLIDED = {"sets": range(2, 4), "repetitions": range(10, 16)}  # glide.dose


class Exercise(NamedTuple):
    """One row of the catalogue."""

    cited: str
    kind: str
    legs: str
    """"per leg" or "at once"."""
    documented: dict[str, range]
    most: tuple[str, int]
    """The parameter that adds up over items of one exercise, and what one leg may get of it."""
    needs_one_of: frozenset[str]
    movement: str = "not ballistic"

    @property
    def per_leg(self) -> bool:
        """Whether it takes a side."""
        return self.legs == "per leg"


STRAPS, STEPS = frozenset({"strap", "towel", "resistance_band"}), frozenset({"low_surface", "chair"})
CHAIR, NOTHING = frozenset({"chair"}), frozenset()
EXERCISES = {
    SUPINE: Exercise("supine", "stretch", "per leg", HELD, ("repetitions", 3), STRAPS),  # supine.dose, supine.steps
    LONG_SIT: Exercise(
        "longsit", "stretch", "at once", HELD, ("repetitions", 3), NOTHING
    ),  # longsit.dose, longsit.steps
    STANDING: Exercise("standing", "stretch", "per leg", HELD, ("repetitions", 3), STEPS),  # standing.dose and .steps
    GLIDE: Exercise("glide", "glide", "per leg", GLIDED, ("sets", 3), CHAIR),  # glide.dose, glide.steps
}
PARAMETERS = ("sets", "repetitions", "hold_seconds")
NERVE = {"tingling", "numbness", "burning", "sharp_pain", "shooting_pain"}  # prin.3, glide.indication, prec.2
WARM_UP_MINUTES = range(5, 11)  # prin.1
CAUSES = {  # screened cause -> where the source speaks of it
    "prolonged_sitting": "cause.1",
    "athletic_activity": "cause.1",
    "insufficient_stretching": "cause.1",
    "nerve_tension": "cause.2",
    "anterior_pelvic_tilt": "cause.3",
    "weak_glutes": "cause.4",
    "poor_posture": "cause.4",
}
CHANGE_SECONDS, GLIDE_SECONDS = 5, 4  # estimates; no statement
REASON_LENGTH = 10

CODES: dict[str, tuple[str, tuple[str, ...]]] = {  # severity and source; "*" is the exercise of the item
    "program-empty": ("block", ()),
    "exercise-unknown": ("block", ()),
    "dose-missing": ("block", ("*.dose", "rout.1")),
    "dose-not-applicable": ("block", ("*.dose", "glide.no-hold")),
    "dose-out-of-range": ("block", ("*.dose", "rout.2")),
    "volume-out-of-range": ("block", ("*.dose",)),
    "side-missing": ("block", ("*.dose",)),
    "side-not-applicable": ("block", ("longsit.dose",)),
    "warm-up-missing": ("block", ("prin.1",)),
    "warm-up-out-of-range": ("block", ("prin.1",)),
    "frequency-below-minimum": ("block", ("rout.1",)),
    "frequency-above-usual": ("caution", ("rout.1",)),
    "screening-missing": ("block", ("prin.3",)),
    "screening-incomplete": ("block", ("prin.3",)),
    "static-stretch-with-nerve-symptoms": ("block", ("prin.3", "glide.indication", "prec.2")),
    "glide-without-nerve-symptoms": ("caution", ("glide.indication",)),
    "nerve-symptoms-need-review": ("caution", ("prec.5",)),
    "persistent-needs-review": ("caution", ("prec.5",)),
    "long-sit-with-sensitive-back": ("caution", ("longsit.purpose", "prin.5", "supine.purpose")),
    "equipment-unavailable": ("caution", ("*.steps",)),
    "ballistic-movement": ("block", ("prec.3",)),
    "root-cause": ("advice", ("prec.4",)),  # and the cause's own
}

# What a value comes to: (is it documented, how it stands) -> code.
DOSE = {
    (True, "absent"): "dose-missing",
    (True, "outside"): "dose-out-of-range",
    (False, "given"): "dose-not-applicable",
}
SIDE = {  # (per leg, side given) -> code
    (True, False): "side-missing",
    (False, True): "side-not-applicable",
}
FREQUENCY = {  # rout.1: 3 is a floor, 5 no documented ceiling
    1: "frequency-below-minimum",
    2: "frequency-below-minimum",
    6: "frequency-above-usual",
    7: "frequency-above-usual",
}
LEG = {  # (kind, how a leg that it reaches was screened) -> code
    ("stretch", "unscreened"): "screening-incomplete",
    ("glide", "unscreened"): "screening-incomplete",
    ("stretch", "nerve"): "static-stretch-with-nerve-symptoms",
    ("glide", "calm"): "glide-without-nerve-symptoms",
}

Found = tuple[str, str]  # code, path


class Expected(NamedTuple):
    """What a program comes to."""

    verdict: str
    session_minutes: int | None
    findings: list[tuple[str, str, str, bool]]
    """Code, severity, path, acknowledged; in the order of the answer."""


def expect(program: dict[str, Any]) -> Expected:
    """What the check must answer to this program file, which has the documented shape."""
    reasons = {given["code"] for given in program.get("acknowledgements", ()) if _is_a_reason(given["reason"])}
    found = [*_shape(program), *_frequency(program), *_warm_up(program), *_screening(program)]
    findings = [(code, CODES[code][0], path, _answered(code, reasons)) for code, path in found]
    return Expected(_verdict(findings), _session_minutes(program), sorted(findings, key=_place))


def may_cite(program: dict[str, Any], code: str, path: str) -> set[str]:
    """The statements that the finding of this code at this place may rest on."""
    listed, number = set(CODES[code][1]), re.search(r"\d+", path)
    if not number:
        return listed - {"*.dose"}
    if code == "root-cause":
        return listed | {CAUSES[program["screening"]["causes"][int(number[0])]]}
    exercise = EXERCISES.get(program["items"][int(number[0])]["exercise"])
    return (
        {source.replace("*", exercise.cited) for source in listed - _beside(code, path, exercise)}
        if exercise
        else set()
    )


def _beside(code: str, path: str, exercise: Exercise) -> set[str]:
    """What the table lists for another place than this."""
    if code == "dose-missing":
        return {"rout.1"}  # speaks of sessions, not of an item's dose
    return set() if exercise.kind == "glide" and path.endswith(".hold_seconds") else {"glide.no-hold"}


def _is_a_reason(text: str) -> bool:
    return len(text.strip()) >= REASON_LENGTH


def _answered(code: str, reasons: set[str]) -> bool:
    return CODES[code][0] != "block" and code in reasons


def _verdict(findings: list[tuple[str, str, str, bool]]) -> str:
    open_severities = {severity for _, severity, _, acknowledged in findings if not acknowledged}
    if "block" in open_severities:
        return "blocked"
    return "needs-acknowledgement" if "caution" in open_severities else "issuable"


def _place(finding: tuple[str, str, str, bool]) -> tuple[Any, ...]:
    code, severity, path, _ = finding
    natural = [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path)]
    return ("block", "caution", "advice").index(severity), natural, code


def _known(program: dict[str, Any]) -> list[tuple[str, dict[str, Any], Exercise]]:
    """Path, item and exercise of every item whose exercise is in the catalogue."""
    rows = ((f"items[{i}]", item, EXERCISES.get(item["exercise"])) for i, item in enumerate(program["items"]))
    return [(path, item, exercise) for path, item, exercise in rows if exercise]


def _reached(item: dict[str, Any], exercise: Exercise) -> set[str]:
    if not exercise.per_leg or item.get("side") == "both":
        return {"left", "right"}
    return {item["side"]} if "side" in item else set()


def _shape(program: dict[str, Any]) -> Iterator[Found]:
    if not program["items"]:
        yield "program-empty", "items"
    for i, item in enumerate(program["items"]):
        if item["exercise"] not in EXERCISES:
            yield "exercise-unknown", f"items[{i}].exercise"
    for path, item, exercise in _known(program):
        yield from _dose(path, item, exercise)
        if code := SIDE.get((exercise.per_leg, "side" in item)):
            yield code, f"{path}.side"
    for exercise_id in EXERCISES:
        yield from _volume(program, exercise_id)


def _dose(path: str, item: dict[str, Any], exercise: Exercise) -> Iterator[Found]:
    for parameter in PARAMETERS:
        code = DOSE.get((parameter in exercise.documented, _standing(parameter, item, exercise)))
        if code:
            yield code, f"{path}.{parameter}"


def _standing(parameter: str, item: dict[str, Any], exercise: Exercise) -> str:
    if parameter not in item:
        return "absent"
    if parameter not in exercise.documented:
        return "given"
    return "inside" if item[parameter] in exercise.documented[parameter] else "outside"


def _volume(program: dict[str, Any], exercise_id: str) -> Iterator[Found]:
    rows = [row for row in _known(program) if row[1]["exercise"] == exercise_id]
    parameter, most = EXERCISES[exercise_id].most
    last = -1
    for leg in ("left", "right"):
        there = [n for n, (_, item, exercise) in enumerate(rows) if leg in _reached(item, exercise)]
        together = sum(rows[n][1].get(parameter, 0) for n in there)
        if len(there) > 1 and together > most:
            last = max(last, *there)
    if last >= 0:
        yield "volume-out-of-range", rows[last][0]


def _frequency(program: dict[str, Any]) -> Iterator[Found]:
    known = _known(program)
    stands = [("sessions_per_week", program)] + [(f"{path}.sessions_per_week", item) for path, item, _ in known]
    for path, holder in stands:
        if code := FREQUENCY.get(holder.get("sessions_per_week", 3)):
            yield code, path
    if "sessions_per_week" not in program and any("sessions_per_week" not in item for _, item, _ in known):
        yield "dose-missing", "sessions_per_week"


def _warm_up(program: dict[str, Any]) -> Iterator[Found]:
    if "warm_up" in program:
        if program["warm_up"]["minutes"] not in WARM_UP_MINUTES:
            yield "warm-up-out-of-range", "warm_up.minutes"
    elif any(exercise.kind == "stretch" for _, _, exercise in _known(program)):
        yield "warm-up-missing", "warm_up"


def _screening(program: dict[str, Any]) -> Iterator[Found]:
    if "screening" not in program:
        yield "screening-missing", "screening"
        return
    screening = program["screening"]
    if any(NERVE & set(leg["sensations"]) for leg in screening["legs"].values()):
        yield "nerve-symptoms-need-review", "screening"
    if screening.get("persistent"):
        yield "persistent-needs-review", "screening"
    for j, _ in enumerate(screening.get("causes", ())):
        yield "root-cause", f"screening.causes[{j}]"
    for path, item, exercise in _known(program):
        yield from ((code, path) for code in _screened_item(item, exercise, screening))


def _screened_item(item: dict[str, Any], exercise: Exercise, screening: dict[str, Any]) -> Iterator[str]:
    felt = {_felt(screening, leg) for leg in _reached(item, exercise)}
    yield from {LEG[exercise.kind, how] for how in felt if (exercise.kind, how) in LEG}
    if exercise.cited == "longsit" and screening.get("lower_back_sensitive"):
        yield "long-sit-with-sensitive-back"
    if exercise.movement == "ballistic":
        yield "ballistic-movement"
    if exercise.needs_one_of and not exercise.needs_one_of & set(screening.get("equipment", ())):
        yield "equipment-unavailable"


def _felt(screening: dict[str, Any], leg: str) -> str:
    if leg not in screening["legs"]:
        return "unscreened"
    return "nerve" if NERVE & set(screening["legs"][leg]["sensations"]) else "calm"


def _session_minutes(program: dict[str, Any]) -> int | None:
    known = _known(program)
    if len(known) < len(program["items"]) or not all(_complete(item, exercise) for _, item, exercise in known):
        return None
    seconds = 60 * program.get("warm_up", {"minutes": 0})["minutes"]
    return math.ceil((seconds + sum(_seconds(item, exercise) for _, item, exercise in known)) / 60)


def _complete(item: dict[str, Any], exercise: Exercise) -> bool:
    return ("side" in item or not exercise.per_leg) and set(exercise.documented) <= set(item)


def _seconds(item: dict[str, Any], exercise: Exercise) -> int:
    in_turn = 2 if exercise.per_leg and item["side"] == "both" else 1
    if exercise.kind == "glide":
        return in_turn * int(item["sets"] * item["repetitions"] * GLIDE_SECONDS)
    return in_turn * int(item["repetitions"] * (item["hold_seconds"] + CHANGE_SECONDS))
