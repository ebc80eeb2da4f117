import pytest
from werkzeug.exceptions import BadRequest

from app.pages.builder import act, document_of, edited
from app.services.catalogue import pack
from tests.builders import GLIDE, SUPINE, a_document, an_item

FIRST, SECOND, THIRD = (an_item(note=note) for note in ("first", "second", "third"))


def press(action, document=None, form=None, side=""):
    return act(a_document(FIRST, SECOND, THIRD) if document is None else document, action, form or {}, pack(), side)


def notes(outcome):
    return [item["note"] for item in outcome.document["items"]]


def test_an_added_exercise_has_the_documented_defaults_and_the_suggested_side():
    outcome = press(f"add:{GLIDE}", {}, side="right")

    item = outcome.document["items"][0]
    assert item["side"] == "right"
    assert (item["sets"], item["repetitions"]) == ("2", "10")
    assert "hold_seconds" not in item
    assert outcome.said == "Seated sciatic nerve glide was added as exercise 1."


def test_an_exercise_for_both_legs_at_once_is_added_without_a_side():
    outcome = press("add:seated-long-sit-hamstring-stretch", {})

    assert "side" not in outcome.document["items"][0]


def test_a_full_program_takes_no_more_exercises_and_says_so():
    full = a_document(*[FIRST] * 60)

    outcome = press(f"add:{SUPINE}", full)

    assert outcome.document == full
    assert outcome.said == "A program holds 60 exercises at most."


@pytest.mark.parametrize(
    ("action", "order"),
    [
        ("up:1", ["second", "first", "third"]),
        ("down:1", ["first", "third", "second"]),
        ("up:0", ["first", "second", "third"]),
        ("down:2", ["first", "second", "third"]),
        ("remove:1", ["first", "third"]),
    ],
)
def test_exercises_are_moved_and_removed_one_at_a_time(action, order):
    assert notes(press(action)) == order


def test_what_was_removed_comes_back_whole_and_to_its_place():
    removed = press("remove:1")
    undo = {"undo": {"position": str(removed.removed.position), "item": removed.removed.item}}

    back = press("undo", removed.document, undo)

    assert back.document["items"] == [FIRST, SECOND, THIRD]


def test_an_undo_after_others_were_removed_goes_to_the_end():
    undo = {"undo": {"position": "2", "item": THIRD}}

    assert notes(press("undo", a_document(FIRST), undo)) == ["first", "third"]


@pytest.mark.parametrize(
    "action", ["explode:0", "remove:3", "remove:x", "remove:", "up:-1", "add:no-such-exercise", "undo", "remove:٠"]
)
def test_a_button_that_no_page_has_is_refused(action):
    with pytest.raises(BadRequest):
        press(action)


def test_the_form_keeps_every_value_as_it_was_typed():
    form = {
        "items": [{"exercise": SUPINE, "side": "left", "hold_seconds": "half a minute", "unknown": "x"}],
        "weeks": "about 6",
        "starts_on": {"day": "1", "month": "soon", "year": "2026"},
    }

    document = document_of(form, {})

    assert document["items"] == [{"exercise": SUPINE, "side": "left", "hold_seconds": "half a minute"}]
    assert document["weeks"] == "about 6"
    assert document["starts_on"] == "2026-soon-01"


def test_reasons_given_on_the_check_page_stay_with_the_draft():
    kept = {"acknowledgements": [{"code": "frequency-above-usual", "reason": "Used to daily exercise"}]}

    assert document_of({}, kept)["acknowledgements"] == kept["acknowledgements"]


@pytest.mark.parametrize(
    ("after", "anchor"),
    [
        (a_document(FIRST, SECOND, THIRD), ""),
        (a_document(FIRST | {"note": "slow"}, SECOND | {"sets": "2"}, THIRD | {"sets": ""}), "items-1-title"),
        (a_document(FIRST, SECOND | {"sets": "2"}, THIRD, weeks="9"), "plan"),
        (a_document(FIRST, SECOND, THIRD, warm_up={}), "plan"),
        (a_document(FIRST, SECOND, THIRD, FIRST), "items-3-title"),
        (a_document(FIRST, SECOND), ""),
    ],
)
def test_saving_goes_on_at_the_last_thing_that_was_changed(after, anchor):
    assert edited(a_document(FIRST, SECOND, THIRD), after) == anchor


def test_a_field_that_is_still_empty_was_not_changed():
    assert edited({"sessions_per_week": "4"}, document_of({"sessions_per_week": "4"}, {})) == ""
