"""Whose sheet it is, which one, what is new in it, and how it looks."""

import base64
from dataclasses import replace

import pytest

from prescriptions.changes import Change
from prescriptions.colours import legible
from prescriptions.handout import Fact, arranged, compose
from prescriptions.program_file import read
from prescriptions.qr import square
from prescriptions.wording import SQUARE
from tests.prescriptions.builders import ABSENT, a_program, a_stretch
from tests.prescriptions.builders_paper import CLINIC, EDITION, FULL_CLINIC, LOOKUP, PATIENT, THE_FOUR, a_handout


def test_every_page_can_say_whose_sheet_it_is_by_name_and_one_thing_more():
    born, numbered, nameless, nobody = (
        a_handout(patient=patient).identity
        for patient in (
            PATIENT,
            {"name": "Sample Patient", "identifier": "MRN-0042"},
            {"identifier": "MRN-0042"},
            ABSENT,
        )
    )

    assert born == "Sample Patient, born 9 March 1984"
    assert numbered == "Sample Patient, record MRN-0042"
    assert nameless == "record MRN-0042"
    assert nobody == ""


@pytest.mark.parametrize(
    ("review_on", "changes", "printed"),
    [
        ("2026-12-14", {}, "14 December 2026"),
        (None, {"starts_on": "2026-11-23", "weeks": 6}, "3 January 2027"),
        (None, {"weeks": ABSENT}, ""),
        (None, {"starts_on": ABSENT}, ""),
    ],
)
def test_the_next_check_is_the_day_that_is_set_or_the_last_day_or_a_line_to_write_on(review_on, changes, printed):
    handout = a_handout(edition=replace(EDITION, review_on=review_on), **changes)

    assert handout.review == (Fact("Next check", printed),)


def test_a_new_version_says_what_changed_and_what_to_throw_away(pack):
    before, now = (read(a_program(a_stretch(hold_seconds=seconds)), pack) for seconds in (20, 30))

    handout = compose(now, pack, CLINIC, EDITION, previous=before)

    assert handout.changed == "Please throw away version 1. This is what changed."
    assert handout.changes == (Change("Exercise 1, hold", "20 seconds", "30 seconds"),)


def test_a_new_version_without_a_difference_says_so(pack):
    program = read(a_program(), pack)

    handout = compose(program, pack, CLINIC, EDITION, previous=program)

    assert (handout.changed, handout.changes) == ("Please throw away version 1. What you do stays the same.", ())


def test_a_first_version_has_no_box_for_changes():
    assert (a_handout().changed, a_handout().changes) == ("", ())


def test_where_to_ask_whether_it_is_current_is_said_in_words_and_as_a_square(pack):
    handout = compose(read(a_program(), pack), pack, CLINIC, EDITION, lookup=LOOKUP)

    assert handout.lookup == (Fact("Address", LOOKUP.address), Fact("Code", LOOKUP.code))
    assert handout.square == square(LOOKUP.address, SQUARE)
    assert (a_handout().lookup, a_handout().square) == ((), "")


def test_the_brand_decides_how_the_sheet_looks():
    brand = replace(FULL_CLINIC, accent="#ffcc00", typeface="Noto Serif", layout="compact")

    handout = a_handout(brand=brand)

    assert (handout.accent, handout.second) == (legible("#ffcc00").printed, FULL_CLINIC.second)
    assert (handout.typeface, handout.layout, handout.footer) == ("Noto Serif", "compact", FULL_CLINIC.footer)
    assert base64.b64decode(handout.logo) == FULL_CLINIC.logo


def test_the_layout_that_a_clinic_likes_gives_way_where_it_has_no_room():
    brand = replace(CLINIC, layout="compact")

    assert a_handout(*THE_FOUR, brand=brand).layout == "compact"
    assert a_handout(*THE_FOUR, a_stretch(side="right"), brand=brand).layout == "standard"


def test_arranging_changes_nothing_but_the_setting():
    handout = a_handout(*THE_FOUR)

    other = arranged(handout, layout="large", paper="letter", monochrome=True)

    assert replace(other, layout="standard", paper="a4", monochrome=False) == handout
    assert arranged(handout) == handout
