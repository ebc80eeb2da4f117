"""The builder's form as a browser sends it."""

from tests.builders import SUPINE

ITEM = {"items.0.exercise": SUPINE, "items.0.side": "left", "items.0.repetitions": "3", "items.0.hold_seconds": "30"}
PLAN = {
    "warm_up.activity": "walking",
    "warm_up.minutes": "5",
    "sessions_per_week": "4",
    "weeks": "6",
    "starts_on.day": "23",
    "starts_on.month": "11",
    "starts_on.year": "2026",
    "timing.0": "after_workout",
}
TYPED = ITEM | PLAN
