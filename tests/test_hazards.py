"""Each hazard has its controls, each control its tests, and no risk is left above what somebody accepted."""

from collections import Counter

import pytest

from evidence.hazards import DOCUMENT, SIDES, document, read
from evidence.written import ROOT, every_test

LOG = read()
HAZARDS = pytest.mark.parametrize("hazard", LOG.hazards, ids=lambda hazard: hazard["id"])
CONTROLS = pytest.mark.parametrize("name", LOG.controls)


def test_the_levels_are_a_square_that_only_rises():
    rows = [*LOG.levels, *zip(*LOG.levels, strict=True)]

    assert len(LOG.levels) == len(LOG.levels[0]) == 5
    assert [row for row in rows if list(row) != sorted(row)] == []


def test_every_hazard_has_a_name_of_its_own_and_none_is_left_out():
    ids = [hazard["id"] for hazard in LOG.hazards]

    assert ids == [f"H{number:02}" for number in range(1, len(ids) + 1)]
    assert len(ids) >= 31, "A hazard is never taken out: it may be rated anew."


@HAZARDS
def test_a_hazard_says_all_that_has_to_be_said(hazard):
    texts = ("hazard", "harm", "cause")

    assert hazard.keys() - {"accepted_by", "left"} == {"id", *texts, "before", "after", "controls"}
    assert all(hazard[name].strip() for name in texts)
    for rating in (hazard["before"], hazard["after"]):
        assert len(rating) == len(SIDES)
        assert all(1 <= value <= 5 for value in rating)


@HAZARDS
def test_a_hazard_has_a_control_that_is_there_today(hazard):
    assert set(hazard["controls"]) <= LOG.controls.keys()
    assert len(set(hazard["controls"])) == len(hazard["controls"])
    assert set(hazard["controls"]) - set(LOG.missing(hazard))


@HAZARDS
def test_a_control_makes_nothing_worse_and_what_is_missing_is_said(hazard):
    assert all(after <= before for before, after in zip(hazard["before"], hazard["after"], strict=True))
    assert "left" in hazard or not LOG.missing(hazard)


@HAZARDS
def test_no_risk_is_left_above_the_accepted_level_without_a_name(hazard):
    assert LOG.level(hazard["after"]) <= LOG.accepted or len(hazard.get("accepted_by", "")) > 10


def test_every_control_is_of_some_hazard():
    used = Counter(name for hazard in LOG.hazards for name in hazard["controls"])

    assert LOG.controls.keys() - used.keys() == set()


@CONTROLS
def test_a_control_is_where_it_says_and_has_a_test_or_waits_for_one(name):
    control = LOG.controls[name]

    assert control.keys() <= {"name", "files", "tests", "later"}
    assert control["name"].strip()
    assert [file for file in control["files"] if not (ROOT / file).is_file()] == []
    assert ("later" in control) != bool(control.get("tests"))
    assert control["files"] or "later" in control


def test_every_test_that_a_control_names_is_there():
    named = {test for control in LOG.controls.values() for test in control.get("tests", ())}

    assert named - every_test().keys() == set()


def test_the_page_says_what_is_so():
    written = DOCUMENT.read_text(encoding="utf-8")

    assert written == document(), "Run: python -m evidence"
