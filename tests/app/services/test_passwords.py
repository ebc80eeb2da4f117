"""Which passwords are taken: long ones that nobody would try."""

import time

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.services import passwords

ABOUT = ("Alma Reyes", "alma.reyes@clinic.example", "Riverside Physiotherapy")


@pytest.mark.asvs("6.2.5")
@pytest.mark.parametrize(
    "password",
    [
        "kettle marsh ribbon owl",
        "correct horse battery",
        "Tr0ub4dor&3 zebra quilt",
        "9fK2m-xQz81-pL",
        "ふじさんはきれいですねほんとう",
        "Fünf müde Wölfe singen",
        "kettle marsh ribbon owl " * 8 + "again",
        "kettle\u200b marsh\x00 ribbon owl",
    ],
)
def test_a_long_and_unusual_one_is_taken_as_it_is(password):
    assert passwords.problems(password, words=ABOUT) == ()


@pytest.mark.asvs("6.2.5", "6.2.8", "6.2.9")
def test_a_hundred_and_twenty_eight_characters_of_any_kind_come_back_as_they_went():
    password = "öß漢字🧘 " * 21 + "ab"
    assert len(password) == 128

    assert passwords.problems(password) == ()
    assert passwords.matches(passwords.hashed(password), password)


@pytest.mark.asvs("6.2.1")
@pytest.mark.parametrize("password", ["", "x", "kettle marsh"[:11], "k" * 201])
def test_one_that_is_too_short_or_too_long_is_not(password):
    assert "characters or" in passwords.problems(password)[0]


@pytest.mark.asvs("6.1.2", "6.2.4", "6.2.11")
@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd1234",
        "P455w0rd-2026",
        "passwordpassword",
        "Administrator1",
        "123456789012",
        "098765432109",
        "abcdefghijkl",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "zxcvbnm12345",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "iloveyou1234",
        "sunshine2023",
        "Liverpool2024!",
        "Summer2026!!!!",
        "Spring-Summer-2026",
        "physiotherapist1",
        "letmein12345",
        "michael12345",
        "correcthorsebatterystaple",
    ],
)
def test_one_that_everybody_tries_first_is_not(password):
    assert passwords.problems(password) == (passwords.COMMON,)


@pytest.mark.asvs("6.2.4", "6.2.12")
def test_none_of_the_passwords_that_leaked_most_often_is_taken_however_it_is_dressed_up():
    most_used = FREQUENCY_LISTS["passwords"]
    long_ones = [word for word in most_used if len(word) >= passwords.SHORTEST]
    dressed = [f"{word.title()}!20262026" for word in most_used[::30] if word[-1].isalpha() and len(word) >= 6]

    assert (len(most_used), len(long_ones) > 200, len(dressed) > 500) == (30_000, True, True)
    assert [one for one in long_ones for typed in (one, one.upper()) if not passwords.problems(typed)] == []
    assert [one for one in dressed if passwords.problems(one) != (passwords.COMMON,)] == []


@pytest.mark.asvs("6.1.2", "6.2.11")
@pytest.mark.parametrize("password", ["almareyes1984", "Riverside2026!", "Reyes-Riverside-1", "R1vers1de-99999"])
def test_one_made_of_what_others_know_is_not(password):
    assert passwords.problems(password, words=ABOUT) == (passwords.ABOUT_YOU,)


@pytest.mark.parametrize("password", ["x" * 100_000, "a" * 199 + "b", "ab" * 100, "1" * 200, "abc" * 66, "Aa1-" * 50])
def test_judging_one_takes_no_time(password):
    passwords.problems(password)
    begun = time.perf_counter()
    passwords.problems(password, words=ABOUT)

    assert time.perf_counter() - begun < 0.1
