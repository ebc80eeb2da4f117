"""Program files as a clinic would write them. Each builder takes only what the case is about."""

from typing import Any

from prescriptions.catalogue import Pack
from prescriptions.check import Verdict, check
from prescriptions.program_file import read

SUPINE = "supine-hamstring-stretch-strap"
LONG_SIT = "seated-long-sit-hamstring-stretch"
STANDING = "standing-hamstring-stretch"
GLIDE = "seated-sciatic-nerve-glide"

ABSENT = object()
"""Leaves the key out."""


def _changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (values | changes).items() if value is not ABSENT}


def a_stretch(**changes: Any) -> dict[str, Any]:
    """The supine stretch, once for the left leg, with the usual dose."""
    return _changed({"exercise": SUPINE, "side": "left", "repetitions": 3, "hold_seconds": 30}, changes)


def a_long_sit(**changes: Any) -> dict[str, Any]:
    """The stretch for both legs at once, which takes no side."""
    return _changed({"exercise": LONG_SIT, "repetitions": 3, "hold_seconds": 30}, changes)


def a_glide(**changes: Any) -> dict[str, Any]:
    """The nerve glide, once for the right leg."""
    return _changed({"exercise": GLIDE, "side": "right", "sets": 2, "repetitions": 12}, changes)


def a_screening(**changes: Any) -> dict[str, Any]:
    """Both legs screened, a muscle pull in each, everything at hand."""
    screening = {
        "date": "2026-11-20",
        "legs": {"left": {"sensations": ["pull"]}, "right": {"sensations": ["tension"]}},
        "equipment": ["strap", "chair"],
    }
    return _changed(screening, changes)


def legs(left: list[str] | None = None, right: list[str] | None = None) -> dict[str, Any]:
    """What was felt in each leg; None leaves the leg unscreened."""
    felt = {"left": left, "right": right}
    return {leg: {"sensations": sensations} for leg, sensations in felt.items() if sensations is not None}


def a_program(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A program file with nothing to object to: one supine stretch, unless items are given."""
    program = {
        "format": "holdwell-program/1",
        "screening": a_screening(),
        "warm_up": {"activity": "walking", "minutes": 5},
        "sessions_per_week": 4,
        "items": list(items) or [a_stretch()],
    }
    return _changed(program, changes)


def screened(left: list[str] | None = None, right: list[str] | None = None, **changes: Any) -> dict[str, Any]:
    """A screening of these legs only."""
    return a_screening(legs=legs(left, right), **changes)


def verdict_of(data: dict[str, Any], pack: Pack) -> Verdict:
    """What the check says of a program file."""
    return check(read(data, pack), pack)


def the_contract_example() -> dict[str, Any]:
    """A stretch for one leg and a glide for the other, with the nerve symptoms answered for."""
    return {
        "format": "holdwell-program/1",
        "patient": {"name": "Sample Patient", "identifier": "MRN-0042", "birth_date": "1984-03-09"},
        "screening": {
            "date": "2026-11-20",
            "legs": legs(left=["pull"], right=["tingling", "burning"]),
            "lower_back_sensitive": False,
            "persistent": False,
            "causes": ["prolonged_sitting"],
            "equipment": ["strap", "chair"],
        },
        "warm_up": {"activity": "walking", "minutes": 5},
        "sessions_per_week": 4,
        "timing": ["after_workout"],
        "weeks": 6,
        "starts_on": "2026-11-23",
        "items": [a_stretch(), a_glide(note="Slow and easy.")],
        "acknowledgements": [
            {"code": "nerve-symptoms-need-review", "reason": "Examined today; straight leg raise negative."}
        ],
    }
