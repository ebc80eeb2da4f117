import pytest

from app.pages.library import library
from app.services.catalogue import pack
from tests.builders import GLIDE, SUPINE, a_screening_document

LONG_SIT = "seated-long-sit-hamstring-stretch"


def legs(left=None, right=None):
    felt = {"left": left, "right": right}
    return {leg: {"sensations": sensations} for leg, sensations in felt.items() if sensations is not None}


def entry(exercise, **screening):
    entries = library(pack(), a_screening_document(**screening))
    return next(one for one in entries if one.exercise.id == exercise)


@pytest.mark.parametrize(
    ("exercise", "felt", "side"),
    [
        (SUPINE, legs(left=["pull"], right=[]), "left"),
        (SUPINE, legs(left=["pull"], right=["tension"]), "both"),
        (SUPINE, legs(left=[], right=[]), "both"),
        (SUPINE, legs(left=["pull"], right=["tingling"]), "left"),
        (SUPINE, legs(left=["pull", "burning"], right=["tingling"]), ""),
        (SUPINE, legs(right=["pull"]), "right"),
        (GLIDE, legs(left=["pull"], right=["tingling"]), "right"),
        (GLIDE, legs(left=["numbness"], right=["tingling"]), "both"),
        (LONG_SIT, legs(left=["pull"], right=["pull"]), ""),
    ],
)
def test_the_side_is_suggested_by_what_the_check_has_least_against(exercise, felt, side):
    assert entry(exercise, legs=felt).side == side


def test_an_exercise_that_is_ruled_out_for_one_leg_says_for_which_and_why():
    found = entry(SUPINE, legs=legs(left=["pull"], right=["tingling"]))

    remark = found.remarks[0]
    assert (remark.words, remark.severity) == ("Ruled out for the right leg", "block")
    assert "prin.3" in remark.source
    assert not found.ruled_out


def test_an_exercise_that_is_ruled_out_for_every_leg_says_so_once():
    found = entry(SUPINE, legs=legs(left=["burning"], right=["tingling"]))

    assert [remark.words for remark in found.remarks] == ["Ruled out"]
    assert found.ruled_out


def test_an_exercise_for_both_legs_at_once_is_ruled_out_by_one_of_them():
    assert entry(LONG_SIT, legs=legs(left=["pull"], right=["tingling"])).ruled_out


def test_missing_equipment_is_no_reason_to_leave_a_leg_out():
    found = entry(SUPINE, legs=legs(left=["pull"], right=["pull"]), equipment=[])

    assert [remark.words for remark in found.remarks] == ["Needs a reason"]
    assert found.side == "both"


def test_without_a_screening_nothing_is_suggested_and_nothing_said_of_an_exercise():
    entries = library(pack(), None)

    assert {one.side for one in entries} == {""}
    assert not any(one.remarks for one in entries)


def test_what_is_open_comes_first_and_the_rest_keeps_its_order():
    entries = library(pack(), a_screening_document(legs=legs(left=["pull"], right=["tingling"])))

    assert [one.exercise.id for one in entries if not one.is_restricted] == [GLIDE]
    assert [(one.ruled_out, one.is_restricted) for one in entries] == [
        (False, False),
        (False, True),
        (False, True),
        (True, True),
    ]
