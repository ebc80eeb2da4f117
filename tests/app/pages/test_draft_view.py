import html
import re

import pytest

from tests.builder_form import ITEM, PLAN, TYPED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("items.0.hold_seconds", "half a minute"),
        ("items.0.repetitions", "3.5"),
        ("items.0.sessions_per_week", "often"),
        ("weeks", "six"),
        ("warm_up.minutes", "five"),
        ("starts_on.month", "Nov"),
    ],
)
def test_what_can_not_be_read_is_kept_shown_and_refused_at_the_check(press, as_alma, draft, name, value):
    press("save", TYPED | {name: value})

    page = as_alma.get(f"/drafts/{draft.id}").text
    refused = press("check", TYPED | {name: value}, revision=draft.revision + 1)

    assert f'value="{value}"' in page
    assert "<title>Program draft" in page
    assert "There is a problem" not in page
    assert refused.status_code == 422
    assert "<title>Error: Program draft" in refused.text
    assert "There is a problem" in refused.text
    assert f'value="{value}"' in refused.text
    links = re.findall(r'<li><a href="#([^"]+)">', refused.text)
    assert all(f'id="{link}"' in refused.text for link in links)


def test_a_note_that_is_too_long_is_kept_whole_and_refused_at_the_check(press):
    refused = press("check", TYPED | {"items.0.note": "x" * 501})

    assert refused.status_code == 422
    assert f">\n{'x' * 501}</textarea>" in refused.text
    assert "must be 500 characters at most, not 501." in refused.text


@pytest.mark.parametrize("value", ["long", "1e3", "5000", "0"])
def test_an_error_names_its_field_its_exercise_and_what_is_documented(press, value):
    page = html.unescape(press("check", TYPED | {"items.0.hold_seconds": value}).text)

    exercise = "exercise 1 (Supine hamstring stretch with strap or towel)"
    words = f"Hold of {exercise} must be a whole number; the source documents 20 to 30."
    assert f'<a href="#items-0-hold_seconds">{words}</a>' in page


def test_errors_stand_in_the_order_of_the_page(press):
    second = {name.replace("items.0", "items.1"): value for name, value in ITEM.items()}
    wrong = {
        "starts_on.month": "13",
        "weeks": "six",
        "sessions_per_week": "often",
        "warm_up.minutes": "1e3",
        "items.1.repetitions": "x",
        "items.0.sessions_per_week": "x",
        "items.0.hold_seconds": "x",
        "items.0.repetitions": "x",
    }

    page = press("check", ITEM | second | PLAN | wrong).text

    assert re.findall(r'<li><a href="#([^"]+)">', page)[:8] == [
        "items-0-repetitions",
        "items-0-hold_seconds",
        "items-0-sessions_per_week",
        "items-1-repetitions",
        "warm_up-minutes",
        "sessions_per_week",
        "weeks",
        "starts_on",
    ]


def test_a_start_date_that_is_none_is_answered_as_its_three_fields_are_typed(press):
    page = press("check", TYPED | {"starts_on.month": "13"}).text

    assert '<a href="#starts_on">Start date must be a real date, such as 23 11 2026.</a>' in page


def test_a_warm_up_that_can_not_be_read_is_not_said_to_be_missing(press):
    page = press("check", TYPED | {"warm_up.minutes": "1e3"}).text

    assert "Warm-up time must be a whole number; the source documents 5 to 10." in page
    assert "There is no warm-up" not in page


def test_an_exercise_that_can_not_be_read_does_not_make_the_program_empty(press):
    page = press("check", TYPED | {"items.0.exercise": "x" * 100}).text

    assert "The program has no exercises." not in page


def test_the_rest_is_checked_all_the_same_when_one_field_can_not_be_read(press, as_alma, draft):
    press("save", TYPED | {"items.0.hold_seconds": "45", "weeks": "six", "timing.0": "never"})

    page = as_alma.get(f"/drafts/{draft.id}").text

    assert "Hold is 45 seconds; the source documents 20 to 30." in page
    assert "How long must be a whole number from 1 to 52." in page


def test_a_finding_stands_beside_its_exercise_with_its_tier_its_way_out_and_its_source(press, as_alma, draft):
    press("save", TYPED | {"items.0.hold_seconds": "45"})

    page = as_alma.get(f"/drafts/{draft.id}").text
    card = page.split('id="items-0"')[1].split("</section>")[0]

    assert "Stop" in card
    assert "Hold is 45 seconds; the source documents 20 to 30." in card
    assert "Choose a value inside the range." in card
    assert 'href="/catalogue/sources#supine.dose"' in card
    assert '<a href="#items-0-hold_seconds">Hold is 45 seconds' in page.split("To do before issuing")[1]


def test_a_finding_of_the_warm_up_and_of_the_frequency_stands_beside_its_field(press, as_alma, draft):
    press("save", TYPED | {"warm_up.activity": "", "warm_up.minutes": "", "sessions_per_week": "2"})

    plan = as_alma.get(f"/drafts/{draft.id}").text.split('id="plan"')[1].split("To do before issuing")[0]

    assert "There is no warm-up before the static stretch" in plan
    assert "2 sessions a week; the source documents at least 3." in plan


def test_the_session_time_is_shown_once_the_doses_are_known(press, as_alma, draft):
    press("save")
    known = as_alma.get(f"/drafts/{draft.id}").text
    press("save", TYPED | {"items.0.hold_seconds": ""}, revision=draft.revision + 1)

    assert "About <strong>7</strong> minutes a session" in known
    assert "Session time follows" in as_alma.get(f"/drafts/{draft.id}").text


def test_no_session_time_is_shown_while_the_warm_up_can_not_be_read(press, as_alma, draft):
    press("save", TYPED | {"warm_up.minutes": "five"})

    page = as_alma.get(f"/drafts/{draft.id}").text

    assert "Session time follows" in page
