from typing import Any

import pytest

from prescriptions.catalogue import Pack
from tests.prescriptions.builders import (
    ABSENT,
    STANDING,
    a_glide,
    a_long_sit,
    a_program,
    a_screening,
    a_stretch,
    screened,
    verdict_of,
)


def found(data: dict[str, Any], pack: Pack) -> set[tuple[str, str, str]]:
    return {(finding.code, finding.severity, finding.path) for finding in verdict_of(data, pack).findings}


TINGLING, PULL = ["tingling"], ["pull"]
BLOCK, CAUTION, ADVICE = "block", "caution", "advice"
TWICE = [a_stretch(repetitions=2), a_stretch(repetitions=2)]

FIRES = [
    ("program-empty", BLOCK, "items", a_program(items=[])),
    ("exercise-unknown", BLOCK, "items[0].exercise", a_program(a_stretch(exercise="cartwheel"))),
    ("dose-missing", BLOCK, "items[0].hold_seconds", a_program(a_stretch(hold_seconds=ABSENT))),
    ("dose-missing", BLOCK, "items[0].repetitions", a_program(a_stretch(repetitions=ABSENT))),
    ("dose-missing", BLOCK, "items[0].sets", a_program(a_glide(sets=ABSENT))),
    ("dose-missing", BLOCK, "sessions_per_week", a_program(sessions_per_week=ABSENT)),
    (
        "dose-missing",
        BLOCK,
        "sessions_per_week",
        a_program(a_stretch(sessions_per_week=4), a_glide(), sessions_per_week=ABSENT),
    ),
    ("dose-not-applicable", BLOCK, "items[0].hold_seconds", a_program(a_glide(hold_seconds=20))),
    ("dose-not-applicable", BLOCK, "items[0].sets", a_program(a_stretch(sets=2))),
    ("dose-out-of-range", BLOCK, "items[0].hold_seconds", a_program(a_stretch(hold_seconds=19))),
    ("dose-out-of-range", BLOCK, "items[0].hold_seconds", a_program(a_stretch(hold_seconds=31))),
    ("dose-out-of-range", BLOCK, "items[0].repetitions", a_program(a_stretch(repetitions=1))),
    ("dose-out-of-range", BLOCK, "items[0].repetitions", a_program(a_long_sit(repetitions=4))),
    ("dose-out-of-range", BLOCK, "items[0].repetitions", a_program(a_glide(repetitions=9))),
    ("dose-out-of-range", BLOCK, "items[0].repetitions", a_program(a_glide(repetitions=16))),
    ("dose-out-of-range", BLOCK, "items[0].sets", a_program(a_glide(sets=1))),
    ("dose-out-of-range", BLOCK, "items[0].sets", a_program(a_glide(sets=4))),
    ("volume-out-of-range", BLOCK, "items[1]", a_program(*TWICE)),
    ("volume-out-of-range", BLOCK, "items[1]", a_program(a_stretch(side="both", repetitions=2), a_stretch())),
    ("volume-out-of-range", BLOCK, "items[1]", a_program(a_long_sit(), a_long_sit())),
    ("volume-out-of-range", BLOCK, "items[2]", a_program(a_glide(), a_stretch(), a_glide())),
    ("volume-out-of-range", BLOCK, "items[1]", a_program(*TWICE, a_stretch(side="right"))),
    ("volume-out-of-range", BLOCK, "items[3]", a_program(*TWICE, *TWICE)),
    ("side-missing", BLOCK, "items[0].side", a_program(a_stretch(side=ABSENT))),
    ("side-not-applicable", BLOCK, "items[0].side", a_program(a_long_sit(side="both"))),
    ("warm-up-missing", BLOCK, "warm_up", a_program(warm_up=ABSENT)),
    ("warm-up-out-of-range", BLOCK, "warm_up.minutes", a_program(warm_up={"activity": "walking", "minutes": 4})),
    ("warm-up-out-of-range", BLOCK, "warm_up.minutes", a_program(warm_up={"activity": "walking", "minutes": 11})),
    ("frequency-below-minimum", BLOCK, "sessions_per_week", a_program(sessions_per_week=2)),
    ("frequency-below-minimum", BLOCK, "items[0].sessions_per_week", a_program(a_stretch(sessions_per_week=2))),
    ("frequency-above-usual", CAUTION, "sessions_per_week", a_program(sessions_per_week=6)),
    ("frequency-above-usual", CAUTION, "sessions_per_week", a_program(sessions_per_week=7)),
    ("frequency-above-usual", CAUTION, "items[0].sessions_per_week", a_program(a_stretch(sessions_per_week=6))),
    ("screening-missing", BLOCK, "screening", a_program(screening=ABSENT)),
    ("screening-incomplete", BLOCK, "items[0]", a_program(screening=screened(right=PULL))),
    ("screening-incomplete", BLOCK, "items[0]", a_program(a_stretch(side="both"), screening=screened(left=PULL))),
    ("screening-incomplete", BLOCK, "items[0]", a_program(a_long_sit(), screening=screened(left=PULL))),
    ("static-stretch-with-nerve-symptoms", BLOCK, "items[0]", a_program(screening=screened(TINGLING, PULL))),
    (
        "static-stretch-with-nerve-symptoms",
        BLOCK,
        "items[0]",
        a_program(a_stretch(side="both"), screening=screened(PULL, TINGLING)),
    ),
    (
        "static-stretch-with-nerve-symptoms",
        BLOCK,
        "items[0]",
        a_program(a_long_sit(), screening=screened(right=TINGLING)),
    ),
    ("glide-without-nerve-symptoms", CAUTION, "items[0]", a_program(a_glide())),
    (
        "glide-without-nerve-symptoms",
        CAUTION,
        "items[0]",
        a_program(a_glide(side="both"), screening=screened(TINGLING, PULL)),
    ),
    ("nerve-symptoms-need-review", CAUTION, "screening", a_program(screening=screened(PULL, TINGLING))),
    ("persistent-needs-review", CAUTION, "screening", a_program(screening=a_screening(persistent=True))),
    (
        "long-sit-with-sensitive-back",
        CAUTION,
        "items[0]",
        a_program(a_long_sit(), screening=a_screening(lower_back_sensitive=True)),
    ),
    ("equipment-unavailable", CAUTION, "items[0]", a_program(screening=a_screening(equipment=["chair"]))),
    (
        "equipment-unavailable",
        CAUTION,
        "items[0]",
        a_program(a_stretch(exercise=STANDING), screening=a_screening(equipment=["strap"])),
    ),
    ("equipment-unavailable", CAUTION, "items[0]", a_program(a_glide(), screening=a_screening(equipment=ABSENT))),
    (
        "root-cause",
        ADVICE,
        "screening.causes[1]",
        a_program(screening=a_screening(causes=["weak_glutes", "poor_posture"])),
    ),
]

SILENT = [
    ("program-empty", a_program()),
    ("exercise-unknown", a_program()),
    ("dose-missing", a_program()),
    ("dose-missing", a_program(a_stretch(sessions_per_week=4), sessions_per_week=ABSENT)),
    ("dose-missing", a_program(a_stretch(exercise="cartwheel", hold_seconds=ABSENT), sessions_per_week=ABSENT)),
    ("dose-not-applicable", a_program(a_stretch(), a_glide())),
    *(("dose-out-of-range", a_program(a_stretch(hold_seconds=hold))) for hold in (20, 30)),
    *(("dose-out-of-range", a_program(a_stretch(repetitions=repetitions))) for repetitions in (2, 3)),
    *(("dose-out-of-range", a_program(a_glide(repetitions=repetitions))) for repetitions in (10, 15)),
    *(("dose-out-of-range", a_program(a_glide(sets=sets))) for sets in (2, 3)),
    ("volume-out-of-range", a_program(a_stretch(), a_stretch(side="right"))),
    ("volume-out-of-range", a_program(a_stretch(repetitions=4))),
    ("volume-out-of-range", a_program(a_stretch(repetitions=1), a_stretch(repetitions=2))),
    ("volume-out-of-range", a_program(a_stretch(), a_stretch(side=ABSENT))),
    ("volume-out-of-range", a_program(a_stretch(), a_stretch(exercise=STANDING))),
    ("volume-out-of-range", a_program(a_stretch(), a_stretch(repetitions=ABSENT))),
    ("side-missing", a_program(a_long_sit())),
    ("side-not-applicable", a_program(a_stretch(side="both"))),
    ("warm-up-missing", a_program(a_glide(), warm_up=ABSENT)),
    *(
        ("warm-up-out-of-range", a_program(warm_up={"activity": "light_cardio", "minutes": minutes}))
        for minutes in (5, 10)
    ),
    *(("frequency-below-minimum", a_program(sessions_per_week=sessions)) for sessions in (3, 5)),
    *(("frequency-above-usual", a_program(sessions_per_week=sessions)) for sessions in (3, 5)),
    ("screening-missing", a_program()),
    ("screening-incomplete", a_program(a_stretch(side=ABSENT), screening=screened(right=PULL))),
    ("screening-incomplete", a_program(screening=screened(left=[]))),
    ("static-stretch-with-nerve-symptoms", a_program(screening=screened(PULL, TINGLING))),
    ("static-stretch-with-nerve-symptoms", a_program(a_glide(), screening=screened(PULL, TINGLING))),
    ("glide-without-nerve-symptoms", a_program(a_glide(), screening=screened(PULL, TINGLING))),
    ("glide-without-nerve-symptoms", a_program(a_glide(), screening=screened(left=PULL))),
    ("glide-without-nerve-symptoms", a_program()),
    ("nerve-symptoms-need-review", a_program(screening=screened([], ["pull", "tension"]))),
    ("persistent-needs-review", a_program(screening=a_screening(persistent=False, lower_back_sensitive=True))),
    ("long-sit-with-sensitive-back", a_program(screening=a_screening(lower_back_sensitive=True))),
    ("long-sit-with-sensitive-back", a_program(a_long_sit(), screening=a_screening(persistent=True))),
    *(
        ("equipment-unavailable", a_program(screening=a_screening(equipment=[one])))
        for one in ("strap", "towel", "resistance_band")
    ),
    *(
        ("equipment-unavailable", a_program(a_stretch(exercise=STANDING), screening=a_screening(equipment=[one])))
        for one in ("chair", "low_surface")
    ),
    ("equipment-unavailable", a_program(a_long_sit(), screening=a_screening(equipment=[]))),
    ("root-cause", a_program()),
]


@pytest.mark.parametrize(("code", "severity", "path", "data"), FIRES)
def test_a_precaution_speaks_where_it_is_needed(code, severity, path, data, pack):
    assert (code, severity, path) in found(data, pack)


@pytest.mark.parametrize(("code", "data"), SILENT)
def test_a_precaution_is_silent_where_it_is_not_needed(code, data, pack):
    assert code not in {code for code, _, _ in found(data, pack)}


def test_every_code_of_the_pack_is_seen_to_speak_and_to_be_silent(pack):
    untestable_in_this_pack = {"ballistic-movement"}

    assert {code for code, *_ in FIRES} == set(pack.codes) - untestable_in_this_pack
    assert {code for code, _ in SILENT} == set(pack.codes) - untestable_in_this_pack


@pytest.mark.parametrize("sensation", ["tingling", "numbness", "burning", "sharp_pain", "shooting_pain"])
def test_any_nerve_sensation_rules_out_a_static_stretch(sensation, pack):
    data = a_program(screening=screened(left=["pull", sensation]))

    assert verdict_of(data, pack).verdict == "blocked"


def test_an_exercise_that_is_not_in_the_catalogue_has_no_other_finding(pack):
    data = a_program(a_stretch(exercise="cartwheel", side=ABSENT, hold_seconds=99, sessions_per_week=1))

    assert found(data, pack) == {("exercise-unknown", "block", "items[0].exercise")}


def test_without_a_screening_nothing_is_said_that_would_need_one(pack):
    data = a_program(a_stretch(), a_glide(), a_long_sit(), screening=ABSENT)

    assert found(data, pack) == {("screening-missing", "block", "screening")}


def test_a_missing_frequency_is_said_once(pack):
    data = a_program(a_stretch(), a_stretch(side="right"), sessions_per_week=ABSENT)

    paths = [finding.path for finding in verdict_of(data, pack).findings]

    assert paths.count("sessions_per_week") == 1
