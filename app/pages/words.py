"""Words and numbers as the pages show them, for clinicians. Patients' wording is ``prescriptions.wording``."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from prescriptions.catalogue import Exercise
from prescriptions.dose import PARAMETERS, Range
from prescriptions.wording import MONTHS, choice

LABELS: Mapping[str, str] = {
    "static-stretch": "Static stretch",
    "nerve-glide": "Nerve glide",
    "strengthening": "Strengthening",
    "a4": "A4",
    "letter": "US Letter",
    "name": "Name",
    "identifier": "Record number",
    "left": "Left leg",
    "right": "Right leg",
    "both": "Both legs, one after the other",
    "walking": "Walking",
    "light_cardio": "Light cardio",
    "after_workout": "After a workout",
    "rest_day": "On a rest day",
    "morning": "In the morning",
    "evening": "In the evening",
    "strap": "Strap",
    "towel": "Towel",
    "resistance_band": "Resistance band",
    "chair": "Chair",
    "low_surface": "Step or curb",
    "lying": "Lying on the back",
    "seated": "Seated on a chair",
    "floor": "Seated on the floor",
    "standing": "Standing",
}

SIDE_CHOICES: Mapping[str, str] = {"left": "Left", "right": "Right", "both": "Both"}

FIELD_NAMES: Mapping[str, str] = {
    **{key: parameter.label for key, parameter in PARAMETERS.items()},
    "side": "Side",
    "note": "Note",
    "sessions_per_week": "Sessions a week",
    "weeks": "How long",
    "starts_on": "Start date",
    "activity": "Warm-up",
    "warm_up.minutes": "Warm-up time",
    "minutes": "Warm-up time",
    "timing": "When",
}

DATE_TYPED = "23 11 2026"
"""A date as it is typed into its three fields."""

KILO = 1000
MONTHS_IN_YEAR = 12
RECENT_DAYS = 30


def label(key: str) -> str:
    """A key of the catalogue or the program file in words."""
    return LABELS.get(key, key.replace("_", " ").replace("-", " ").capitalize())


def day(iso: str) -> str:
    """A date in words: "9 March 1984". What is no date stays as it is."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def day_and_age(iso: str, today: date) -> str:
    """A past date, with how long ago it is where that is long: "17 May 2026, 190 days ago"."""
    days = (today - date.fromisoformat(iso)).days
    return f"{day(iso)}, {days} days ago" if days > RECENT_DAYS else day(iso)


def age(born: str, today: date) -> str:
    """How old, as of ``today``: years, or months below two years."""
    birth = date.fromisoformat(born)
    months = (today.year - birth.year) * MONTHS_IN_YEAR + today.month - birth.month - (today.day < birth.day)
    if months < 2 * MONTHS_IN_YEAR:
        return count(max(months, 0), "month")
    return count(months // MONTHS_IN_YEAR, "year")


def instant(at: datetime, zone: str) -> str:
    """An instant on the clinic's clock: "23 November 2026, 14:32"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local.date().isoformat())}, {local:%H:%M}"


def clock(at: datetime, zone: str) -> str:
    """The time of an instant on the clinic's clock: "14:32"."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def instant_day(at: datetime, zone: str) -> str:
    """The day of an instant on the clinic's clock."""
    return day(at.astimezone(ZoneInfo(zone)).date().isoformat())


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 finding", "2 findings"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size(octets: int) -> str:
    """The size of a download."""
    return f"{max(1, round(octets / KILO))} kB"


def equipment(exercise: Exercise) -> str:
    """What an exercise needs, in short."""
    needs = [choice(label(key).lower() for key in need.any_of) for need in exercise.needs]
    return " and ".join(needs).capitalize() if needs else "No equipment"


def amount(key: str, documented: Range) -> str:
    """A documented range with its unit: "20 to 30 seconds"."""
    unit = PARAMETERS[key].unit
    if not unit:
        return str(documented)
    return f"{documented} {unit}" if documented.high == 1 else f"{documented} {unit}s"


def ranges(exercise: Exercise) -> str:
    """All documented ranges of an exercise in one line."""
    return ", ".join(
        f"{PARAMETERS[key].label.lower()} {amount(key, one)}" for key, one in exercise.doses.items()
    ).capitalize()
