"""Each requirement that applies is held by a test or by somebody's check, and the page about it says what is so."""

import re
from collections import Counter

from evidence.asvs import DOCUMENT, KINDS, document, held_by, requirements
from evidence.written import every_test, markers, read_markers

LONGEST_WORDS = 90
"""What is longer is no longer in short."""


def test_every_requirement_of_levels_1_and_2_stands_in_the_list():
    levels = Counter(one["level"] for one in requirements().values())

    assert (levels[1], levels[2]) == (70, 183)
    assert [number for number in requirements() if not re.fullmatch(r"\d+\.\d+\.\d+", number)] == []


def test_a_requirement_says_what_it_is_in_short_and_no_more_than_the_page_shows():
    said = requirements()

    assert [number for number, one in said.items() if not 0 < len(one["words"]) <= LONGEST_WORDS] == []
    assert [number for number, one in said.items() if not one.keys() <= {"level", "words"} | KINDS.keys()] == []
    assert [number for number, one in said.items() if not all(str(value).strip() for value in one.values())] == []


def test_a_requirement_that_applies_has_a_test_or_a_check_by_hand():
    unheld = {number for number, one in requirements().items() if not KINDS.keys() & one.keys()} - held_by().keys()

    assert unheld == set()


def test_no_test_is_marked_with_what_does_not_apply_or_is_not_there():
    applicable = {number for number, one in requirements().items() if "not_applicable" not in one}

    assert held_by().keys() - applicable == set()


def test_no_marker_is_overlooked():
    assert markers() == read_markers() > 0


def test_a_test_is_marked_by_its_number_only():
    assert [name for name, numbers in every_test().items() if not all(isinstance(one, str) for one in numbers)] == []


def test_the_page_says_what_is_so():
    written = DOCUMENT.read_text(encoding="utf-8")

    assert written == document(), "Run: python -m evidence"
