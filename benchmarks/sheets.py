"""Handouts to print over and over: the usual exercises, no two patients alike."""

import json

from prescriptions import handout_file
from prescriptions.brand import Brand
from prescriptions.handout import Edition, Handout, compose
from prescriptions.packs import HAMSTRING, load_pack
from prescriptions.program_file import read

CLINIC = Brand(
    clinic_name="Riverside Physiotherapy",
    phone="555 0100",
    address="12 Mill Lane, Springfield",
    hours="Monday to Friday, 8:00 to 18:00",
    email="hello@riverside.example",
)
ITEMS = (
    {"exercise": "supine-hamstring-stretch-strap", "side": "left", "repetitions": 3, "hold_seconds": 30},
    {"exercise": "seated-long-sit-hamstring-stretch", "repetitions": 3, "hold_seconds": 30},
    {"exercise": "standing-hamstring-stretch", "side": "both", "repetitions": 3, "hold_seconds": 30},
    {"exercise": "seated-sciatic-nerve-glide", "side": "right", "sets": 2, "repetitions": 12},
)
PACK = load_pack(HAMSTRING)


def sheet(exercises: int, name: str = "Sample Patient") -> Handout:
    """A handout of so many exercises, for six weeks."""
    program = {
        "format": "holdwell-program/1",
        "patient": {"name": name, "identifier": "MRN-0042", "birth_date": "1984-03-09"},
        "screening": {
            "date": "2026-11-20",
            "legs": {"left": {"sensations": ["pull"]}, "right": {"sensations": ["tension"]}},
            "equipment": ["strap", "chair"],
        },
        "warm_up": {"activity": "walking", "minutes": 5},
        "sessions_per_week": 4,
        "timing": ["after_workout"],
        "weeks": 6,
        "starts_on": "2026-11-23",
        "items": list(ITEMS[:exercises]),
    }
    return compose(read(program, PACK), PACK, CLINIC, Edition("HW-7F3K2Q9P", 2, "2026-11-22", 1, "Alex Morgan"))


def asked(handout: Handout) -> bytes:
    """What a worker is sent."""
    return json.dumps(handout_file.to_dict(handout)).encode()
