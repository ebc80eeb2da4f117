import re
from dataclasses import replace

import pytest

from prescriptions import wording
from prescriptions.catalogue import Need, Sourced
from prescriptions.packs import load_pack
from prescriptions.program import Item, Side, WarmUp
from tests.prescriptions.builders import GLIDE, LONG_SIT, SUPINE
from tests.prescriptions.builders_paper import ROOT
from tests.prescriptions.reading import grade

STRETCH = {"repetitions": 3, "hold_seconds": 30}
GLIDES = {"sets": 2, "repetitions": 12}
REST = {"sets": 3, "repetitions": 10, "rest_seconds": 60}


def said(pack, exercise, side, dose):
    return [line.text for line in wording.dose(pack.exercises[exercise], Item(exercise, side, dose))]


@pytest.mark.parametrize(
    ("side", "dose", "words"),
    [
        (Side.LEFT, STRETCH, "Hold for 30 seconds. Do this 3 times on your left leg."),
        (Side.RIGHT, STRETCH, "Hold for 30 seconds. Do this 3 times on your right leg."),
        (Side.BOTH, STRETCH, "Hold for 30 seconds. Do this 3 times on each leg."),
        (Side.LEFT, STRETCH | {"repetitions": 1}, "Hold for 30 seconds. Do this 1 time on your left leg."),
        (Side.LEFT, STRETCH | {"hold_seconds": 1}, "Hold for 1 second. Do this 3 times on your left leg."),
    ],
)
def test_a_stretch_says_hold_times_and_side(pack, side, dose, words):
    lines = said(pack, SUPINE, side, dose)

    assert lines == [words]


@pytest.mark.parametrize("side", [None, Side.LEFT])
def test_a_stretch_of_both_legs_at_once_names_no_side(pack, side):
    lines = said(pack, LONG_SIT, side, STRETCH)

    assert lines == ["Hold for 30 seconds. Do this 3 times with both legs together."]


@pytest.mark.parametrize(
    ("side", "dose", "first", "second"),
    [
        (Side.RIGHT, GLIDES, "Do 12 slow movements in a row on your right leg.", "That is 1 set. Do 2 sets."),
        (Side.BOTH, GLIDES, "Do 12 slow movements in a row on each leg.", "That is 1 set. Do 2 sets."),
        (
            Side.LEFT,
            {"sets": 1, "repetitions": 1},
            "Do 1 slow movement in a row on your left leg.",
            "That is 1 set. Do 1 set.",
        ),
    ],
)
def test_a_glide_says_movements_sets_and_that_nothing_is_held(pack, side, dose, first, second):
    lines = said(pack, GLIDE, side, dose)

    assert lines == [first, second, "Do not hold the end position."]


@pytest.mark.parametrize(
    ("dose", "sets"),
    [
        (REST, "That is 1 set. Do 3 sets. Rest for 60 seconds between sets."),
        (REST | {"sets": 1}, "That is 1 set. Do 1 set. Rest for 60 seconds after the set."),
        (REST | {"rest_seconds": 1}, "That is 1 set. Do 3 sets. Rest for 1 second between sets."),
    ],
)
def test_a_strengthening_exercise_says_its_rest(dose, sets):
    calf = load_pack(ROOT / "tests/packs/weak-calf")
    exercise = next(iter(calf.exercises.values()))

    lines = [line.text for line in wording.dose(exercise, Item(exercise.id, Side.LEFT, dose))]

    assert lines == ["Do 10 movements in a row on your left leg.", sets]


def test_what_is_documented_decides_the_words_and_not_the_kind(pack):
    held_glide = replace(pack.exercises[GLIDE], not_applicable={})

    lines = wording.dose(held_glide, Item(GLIDE, Side.LEFT, STRETCH))

    assert [line.text for line in lines] == ["Hold for 30 seconds. Do this 3 times on your left leg."]


def test_each_dose_sentence_names_its_statements(pack):
    lines = wording.dose(pack.exercises[GLIDE], Item(GLIDE, Side.LEFT, GLIDES))

    assert [line.source for line in lines] == [("glide.dose",), ("glide.dose",), ("glide.no-hold",)]


@pytest.mark.parametrize(
    ("days", "weeks", "words"),
    [
        (4, 6, "Do this program on 4 days each week, for 6 weeks."),
        (1, 1, "Do this program on 1 day each week, for 1 week."),
        (3, None, "Do this program on 3 days each week."),
    ],
)
def test_the_frequency_is_one_sentence(days, weeks, words):
    assert wording.frequency(days, weeks) == words


@pytest.mark.parametrize(
    ("starts_on", "weeks", "words"),
    [
        ("2026-11-23", 6, ("Start on 23 November 2026.", "Your last day is 3 January 2027.")),
        ("2026-11-23", 1, ("Start on 23 November 2026.", "Your last day is 29 November 2026.")),
        ("2026-11-23", None, ("Start on 23 November 2026.", "Keep going until your next visit.")),
        ("9999-12-20", 6, ("Start on 20 December 9999.",)),
        (None, 6, ()),
        (None, None, ("Keep going until your next visit.",)),
    ],
)
def test_the_period_has_a_first_and_a_last_day(starts_on, weeks, words):
    assert wording.period(starts_on, weeks) == words


@pytest.mark.parametrize(
    ("iso", "words"),
    [("2026-11-03", "3 November 2026"), ("1984-01-31", "31 January 1984"), ("2027-12-01", "1 December 2027")],
)
def test_a_date_has_its_month_in_letters(iso, words):
    assert wording.day(iso) == words


@pytest.mark.parametrize(
    ("warm_up", "words"),
    [
        (WarmUp("walking", 5), "Walk for 5 minutes."),
        (WarmUp("walking", 1), "Walk for 1 minute."),
        (WarmUp("light_cardio", 10), "Do light cardio for 10 minutes. Move your whole body with ease."),
    ],
)
def test_the_warm_up_says_what_and_for_how_long(warm_up, words):
    assert wording.warm_up(warm_up) == words


@pytest.mark.parametrize(
    ("any_of", "words"),
    [
        (("chair",), "You need a firm chair."),
        (("low_surface", "chair"), "You need a low step or curb or a firm chair."),
        (("strap", "towel", "resistance_band"), "You need a strap, a towel, or a stretch band."),
    ],
)
def test_alternatives_of_equipment_are_one_sentence(any_of, words):
    assert wording.need(Need(any_of, ("supine.steps",))) == Sourced(words, ("supine.steps",))


def test_the_new_version_names_the_one_to_throw_away():
    assert wording.version(2, 1) == "2 (replaces version 1)"
    assert wording.version(1, None) == "1"


FIXED = [
    *wording.WARM_UPS.values(),
    wording.PICTURE_HELP,
    wording.EACH_LEG_HELP,
    wording.STOP,
    wording.NO_HOLD,
    wording.TICK,
    wording.SCORE,
    wording.UNTIL_NEXT_VISIT,
    wording.DEMONSTRATION,
    wording.diary_room(26),
    wording.session_length(9),
    wording.frequency(4, 6),
    wording.own_frequency(3),
    " ".join(wording.period("2026-11-23", 6)),
]


@pytest.mark.parametrize("sentence", FIXED)
def test_our_own_sentences_read_at_grade_six_or_lower(sentence):
    assert grade(sentence) <= 6


@pytest.mark.parametrize("dose", [STRETCH, GLIDES, REST])
@pytest.mark.parametrize("side", Side)
def test_dose_sentences_read_at_grade_six_or_lower_and_hold_no_shorthand(pack, side, dose):
    text = " ".join(said(pack, SUPINE, side, dose))

    assert grade(text) <= 6
    assert not re.search(r"\d ?x|[×/–@]", text)
