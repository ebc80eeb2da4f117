"""Handouts of every kind that a clinic prints, as small as their kind allows."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from prescriptions.brand import UNBRANDED
from prescriptions.handout import Handout
from prescriptions.layouts import LARGE, LAYOUTS
from tests.prescriptions.builders import ABSENT, STANDING, SUPINE, a_glide, a_long_sit, a_screening, a_stretch
from tests.prescriptions.builders_paper import (
    CLINIC,
    EDITION,
    LARGE_CLINIC,
    LONG_NAME,
    LONG_NOTE,
    PATIENT,
    THE_FOUR,
    a_full_handout,
    a_handout,
    a_large_handout,
)

PAPERS = ("a4", "letter")
NOTES = {"no note": "", "a note": "Slow and easy.", "a long note": LONG_NOTE}
ITEMS = {
    **{f"supine {side}": a_stretch(exercise=SUPINE, side=side) for side in ("left", "right", "both")},
    **{f"standing {side}": a_stretch(exercise=STANDING, side=side) for side in ("left", "right", "both")},
    **{f"glide {side}": a_glide(side=side) for side in ("left", "right", "both")},
    "long sit": a_long_sit(),
}
OTHERS = {
    "no clinic and no patient": {"brand": UNBRANDED, "patient": ABSENT},
    "a clinic of long names": {"brand": LARGE_CLINIC},
    "a demonstration": {"brand": replace(CLINIC, is_demonstration=True)},
    "a therapist of a long name": {"edition": replace(EDITION, therapist=LONG_NAME)},
    "a first version": {"edition": replace(EDITION, version=1, replaces=None, therapist=None)},
    "a Greek name": {"patient": PATIENT | {"name": "Ελένη Παπαδοπούλου"}},
    "a Russian name": {"patient": PATIENT | {"name": "Дарья Жукова"}},
    "a Vietnamese name": {"patient": PATIENT | {"name": "Nguyễn Thị Ánh"}},
    "a name of markup": {"patient": PATIENT | {"name": '</bdi><ol><li>&amp; "it\'s"'}},
    "the widest name": {"patient": PATIENT | {"name": "W" * 120}},
    "a year": {"weeks": 52},
    "half a year": {"weeks": 26},
    "a quarter and a week": {"weeks": 14},
    "no end": {"weeks": ABSENT, "starts_on": ABSENT},
    "every day": {"sessions_per_week": 7},
    "every time of day": {"timing": ["after_workout", "rest_day", "morning", "evening"]},
    "reasons": {
        "screening": a_screening(persistent=True),
        "acknowledgements": [{"code": "persistent-needs-review", "reason": "Examined today. 🦵 王小明"}],
    },
}
"""What differs from one supine stretch for a week. The last one's reason can't be printed, and is not."""


def brief(handout: Handout) -> Handout:
    """Without the pages that are the same in each: those that are not brief have them."""
    return replace(handout, principles=(), anatomy=(), contrasts=(), contrast_close=(), questions=())


def corpus(*, whole: bool) -> Iterator[tuple[str, Handout]]:
    """Each handout with its name: all there are, or each exercise, each other kind and each layout once or twice."""
    for number, (name, item) in enumerate(ITEMS.items()):
        for place in range(len(NOTES)) if whole else [number % len(NOTES)]:
            note_name, note = list(NOTES.items())[place]
            paper = PAPERS[(number + place) % len(PAPERS)]
            handout = a_handout(item | {"note": note}, weeks=1, brand=replace(CLINIC, paper=paper))
            yield f"{name}, {note_name}, {paper}", brief(handout)
    for name, changes in OTHERS.items():
        yield name, brief(a_handout(**({"weeks": 1} | changes)))
    for layout, paper in product(LAYOUTS, PAPERS):
        handout = a_full_handout(*THE_FOUR, layout=layout, paper=paper, monochrome=(layout == LARGE) == (paper == "a4"))
        yield f"four exercises, {layout}, {paper}", handout
    for paper in PAPERS:
        yield f"as large as can be, {paper}", a_large_handout(paper)
