from dataclasses import fields, replace

import pytest

from prescriptions.changes import NOT_SAID, PROGRAM_FIELDS, Change, changes
from prescriptions.program import Item, Program
from prescriptions.program_file import read
from tests.prescriptions.builders import ABSENT, LONG_SIT, a_glide, a_long_sit, a_program, a_screening, a_stretch


def said(pack, before, now):
    return changes(read(before, pack), read(now, pack), pack)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ({"sessions_per_week": 3}, {"sessions_per_week": 5}, Change("Days each week", "3", "5")),
        ({"weeks": 4}, {"weeks": 6}, Change("For how long", "4 weeks", "6 weeks")),
        ({}, {"weeks": 1}, Change("For how long", "not given", "1 week")),
        (
            {"starts_on": "2026-11-23"},
            {"starts_on": "2026-12-01"},
            Change("First day", "23 November 2026", "1 December 2026"),
        ),
        (
            {"timing": ["morning"]},
            {"timing": ["evening", "rest_day"]},
            Change("When", "in the morning", "in the evening, on a rest day"),
        ),
        (
            {"warm_up": {"activity": "walking", "minutes": 5}},
            {"warm_up": {"activity": "walking", "minutes": 10}},
            Change("Warm up", "walk for 5 minutes", "walk for 10 minutes"),
        ),
    ],
)
def test_what_is_different_in_the_program_is_said_with_before_and_now(pack, before, now, change):
    assert said(pack, a_program(**before), a_program(**now)) == (change,)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ({"hold_seconds": 20}, {"hold_seconds": 30}, Change("Exercise 1, hold", "20 seconds", "30 seconds")),
        ({"repetitions": 2}, {"repetitions": 3}, Change("Exercise 1, times", "2", "3")),
        ({"side": "left"}, {"side": "both"}, Change("Exercise 1, side", "left leg", "each leg")),
        ({}, {"sessions_per_week": 5}, Change("Exercise 1, days each week", "as the rest", "5")),
        ({}, {"note": "Slow."}, Change("Exercise 1, note", "", "new, read it with the exercise")),
        ({"note": "Slow."}, {"note": "Quick."}, Change("Exercise 1, note", "", "new, read it with the exercise")),
        ({"note": "Slow."}, {}, Change("Exercise 1, note", "", "taken out")),
    ],
)
def test_what_is_different_in_an_exercise_is_said_by_its_number(pack, before, now, change):
    assert said(pack, a_program(a_stretch(**before)), a_program(a_stretch(**now))) == (change,)


def test_the_sets_of_a_glide_are_compared_too(pack):
    assert said(pack, a_program(a_glide(sets=2)), a_program(a_glide(sets=3))) == (Change("Exercise 1, sets", "2", "3"),)


def test_an_exercise_that_came_and_one_that_went_are_named(pack):
    found = said(pack, a_program(a_stretch(), a_glide()), a_program(a_stretch(), a_long_sit()))

    assert found == (
        Change("Exercise 2", "", "new"),
        Change("Seated nerve glide", "", "taken out, do not do it any more"),
    )


def test_another_order_is_no_other_exercise(pack):
    found = said(pack, a_program(a_stretch(), a_glide()), a_program(a_glide(), a_stretch()))

    assert found == (Change("The order", "", "go by the numbers on this sheet"),)


def test_an_exercise_for_each_side_is_compared_with_that_of_its_own_side(pack):
    left, right = a_stretch(), a_stretch(side="right", hold_seconds=20)

    found = said(pack, a_program(left, right), a_program(right | {"hold_seconds": 25}, left))

    assert found[0] == Change("Exercise 1, hold", "20 seconds", "25 seconds")
    assert len(found) == 2


def test_an_exercise_that_left_the_catalogue_is_still_told(pack):
    before = read(a_program(a_stretch(), a_long_sit()), pack)
    gone = replace(pack, exercises={key: one for key, one in pack.exercises.items() if key != LONG_SIT})

    found = changes(before, read(a_program(), pack), gone)

    assert found == (Change(LONG_SIT, "", "taken out, do not do it any more"),)


def test_the_same_program_has_no_changes(pack):
    one = a_program(a_stretch(), a_glide(note="Slow."))

    assert said(pack, one, one | {"screening": a_screening(date="2026-12-01")}) == ()


def test_every_field_is_compared_or_left_out_on_purpose():
    compared = {"warm_up", "sessions_per_week", "weeks", "starts_on", "timing"}

    assert len(PROGRAM_FIELDS) == len(compared)
    assert {field.name for field in fields(Program)} == compared | NOT_SAID | {"items"}
    assert {field.name for field in fields(Item)} == {"exercise", "side", "dose", "sessions_per_week", "note"}


def test_a_warm_up_that_is_no_longer_asked_for_is_said(pack):
    found = said(pack, a_program(a_glide()), a_program(a_glide(), warm_up=ABSENT))

    assert found == (Change("Warm up", "walk for 5 minutes", "not given"),)
