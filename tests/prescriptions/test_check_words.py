import pytest

from tests.prescriptions.builders import (
    ABSENT,
    a_glide,
    a_long_sit,
    a_program,
    a_screening,
    a_stretch,
    screened,
    verdict_of,
)

TINGLING, PULL = ["tingling"], ["pull"]
TWICE = [a_stretch(repetitions=2), a_stretch(repetitions=2)]


def test_a_dose_outside_the_range_names_value_limits_and_source(pack):
    data = a_program(a_stretch(hold_seconds=45))

    finding = verdict_of(data, pack).findings[0]

    assert finding.to_dict() == {
        "code": "dose-out-of-range",
        "severity": "block",
        "path": "items[0].hold_seconds",
        "message": "Hold is 45 seconds; the source documents 20 to 30.",
        "source": ["supine.dose"],
        "acknowledged": False,
    }


MESSAGES = [
    (a_program(a_stretch(hold_seconds=ABSENT)), "Hold is missing; the source documents 20 to 30 seconds."),
    (a_program(a_stretch(repetitions=ABSENT)), "Repetitions are missing; the source documents 2 to 3."),
    (a_program(sessions_per_week=ABSENT), "Sessions a week are missing; the source documents at least 3 to 5."),
    (
        a_program(a_glide(hold_seconds=20)),
        "Hold is not documented for this exercise and cannot be prescribed: Seated sciatic nerve glide.",
    ),
    (a_program(a_stretch(repetitions=1)), "Repetitions are 1; the source documents 2 to 3."),
    (a_program(a_stretch(hold_seconds=1)), "Hold is 1 second; the source documents 20 to 30."),
    (
        a_program(*TWICE),
        (
            "Supine hamstring stretch with strap or towel stands more than once for the left leg: "
            "4 repetitions together; the source documents 3 at most."
        ),
    ),
    (
        a_program(a_long_sit(), a_long_sit()),
        (
            "Seated long-sit hamstring stretch stands more than once for the left and right legs: "
            "6 repetitions together; the source documents 3 at most."
        ),
    ),
    (
        a_program(warm_up=ABSENT),
        "There is no warm-up before the static stretch; the source documents 5 to 10 minutes.",
    ),
    (
        a_program(warm_up={"activity": "walking", "minutes": 1}),
        "The warm-up is 1 minute; the source documents 5 to 10.",
    ),
    (a_program(sessions_per_week=1), "1 session a week; the source documents at least 3."),
    (
        a_program(sessions_per_week=6),
        "6 sessions a week; the source says at least 3 to 5 and documents no ceiling.",
    ),
    (
        a_program(a_stretch(side="both"), screening=screened([])),
        "Supine hamstring stretch with strap or towel reaches a leg that was not screened: right leg.",
    ),
    (
        a_program(a_stretch(side="both"), screening=screened(["numbness", "tingling"], ["burning"])),
        (
            "Supine hamstring stretch with strap or towel is a static stretch, and the left and right legs have "
            "tingling, numbness and burning. A nerve symptom is not a muscle to be stretched; the documented "
            "alternative is the nerve glide: Seated sciatic nerve glide."
        ),
    ),
    (a_program(a_glide()), "Seated sciatic nerve glide is meant for nerve symptoms, and the right leg has none."),
    (
        a_program(screening=screened(PULL, ["sharp_pain", "numbness"])),
        "The screening found nerve symptoms: numbness and sharp pain. Confirm that they were examined.",
    ),
    (
        a_program(a_long_sit(), screening=a_screening(lower_back_sensitive=True)),
        (
            "Seated long-sit hamstring stretch asks for an aligned spine, and the low back is sensitive. "
            "Supine hamstring stretch with strap or towel loads it less."
        ),
    ),
    (
        a_program(screening=a_screening(equipment=ABSENT)),
        (
            "Supine hamstring stretch with strap or towel needs a strap, a towel or a resistance band, "
            "which the screening does not list."
        ),
    ),
]


@pytest.mark.parametrize(("data", "message"), MESSAGES)
def test_a_finding_says_what_is_wrong_in_words(data, message, pack):
    assert message in {finding.message for finding in verdict_of(data, pack).findings}


SOURCES = [
    (a_program(a_stretch(hold_seconds=ABSENT)), "dose-missing", ("supine.dose",)),
    (a_program(sessions_per_week=ABSENT), "dose-missing", ("rout.1",)),
    (a_program(a_glide(hold_seconds=20)), "dose-not-applicable", ("glide.dose", "glide.no-hold")),
    (a_program(a_stretch(sets=2)), "dose-not-applicable", ("supine.dose",)),
    (a_program(*TWICE), "volume-out-of-range", ("supine.dose",)),
    (a_program(a_stretch(side=ABSENT)), "side-missing", ("supine.dose",)),
    (a_program(a_long_sit(side="left")), "side-not-applicable", ("longsit.dose",)),
    (a_program(warm_up=ABSENT), "warm-up-missing", ("prin.1",)),
    (a_program(sessions_per_week=2), "frequency-below-minimum", ("rout.1",)),
    (
        a_program(screening=screened(TINGLING)),
        "static-stretch-with-nerve-symptoms",
        ("prin.3", "glide.indication", "prec.2"),
    ),
    (a_program(a_glide(), screening=a_screening(equipment=[])), "equipment-unavailable", ("glide.steps",)),
    (a_program(screening=a_screening(causes=["weak_glutes"])), "root-cause", ("prec.4", "cause.4")),
    (a_program(items=[]), "program-empty", ()),
]


@pytest.mark.parametrize(("data", "code", "source"), SOURCES)
def test_a_finding_cites_its_nearest_source(data, code, source, pack):
    assert next(finding.source for finding in verdict_of(data, pack).findings if finding.code == code) == source
