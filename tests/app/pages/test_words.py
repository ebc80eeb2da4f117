from datetime import UTC, date, datetime

import pytest

from app.pages import words
from app.services.catalogue import pack
from tests.builders import GLIDE, SUPINE


@pytest.mark.parametrize(
    ("today", "age"),
    [
        (date(2026, 3, 8), "41 years"),
        (date(2026, 3, 9), "42 years"),
        (date(1985, 4, 9), "13 months"),
        (date(1986, 3, 9), "2 years"),
        (date(1984, 4, 9), "1 month"),
        (date(1984, 3, 9), "0 months"),
    ],
)
def test_an_age_turns_on_the_birthday_and_counts_months_below_two_years(today, age):
    assert words.age("1984-03-09", today) == age


@pytest.mark.parametrize(
    ("today", "words_of"),
    [
        (date(2026, 5, 17), "17 May 2026"),
        (date(2026, 6, 16), "17 May 2026"),
        (date(2026, 6, 17), "17 May 2026, 31 days ago"),
        (date(2026, 11, 23), "17 May 2026, 190 days ago"),
    ],
)
def test_a_day_that_is_long_past_says_how_long(today, words_of):
    assert words.day_and_age("2026-05-17", today) == words_of


def test_somebody_born_on_a_leap_day_turns_a_year_older_on_the_first_of_march():
    assert words.age("2000-02-29", date(2026, 2, 28)) == "25 years"
    assert words.age("2000-02-29", date(2026, 3, 1)) == "26 years"


def test_an_instant_is_told_on_the_clinics_clock():
    at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

    assert words.instant(at, "Europe/London") == "2 July 2026, 00:30"
    assert words.instant_day(at, "UTC") == "1 July 2026"


def test_what_is_no_date_stays_as_it_was_typed():
    assert words.day("2026-soon-01") == "2026-soon-01"


def test_documented_ranges_carry_their_units():
    assert words.ranges(pack().exercises[SUPINE]) == "Repetitions 2 to 3, hold 20 to 30 seconds"
    assert words.ranges(pack().exercises[GLIDE]) == "Sets 2 to 3, repetitions 10 to 15"


def test_equipment_is_told_as_alternatives():
    assert words.equipment(pack().exercises[SUPINE]) == "Strap, towel, or resistance band"


def test_a_key_without_words_of_its_own_is_still_legible():
    assert words.label("some_other-key") == "Some other key"
