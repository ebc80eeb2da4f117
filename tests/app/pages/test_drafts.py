import html
import re

import pytest

from app.clock import now
from app.errors import NotFoundError
from app.models import Role
from app.services import drafts, people
from tests.builder_form import PLAN, TYPED
from tests.builders import GLIDE, SUPINE, a_document, a_screening, an_issued_program, an_item

SAME_PLAN = {"timing.0": "morning", "starts_on.day": "", "starts_on.month": "", "starts_on.year": ""}
"""The routine as the builders' draft has it."""


@pytest.fixture
def theirs(app, alma, draft):
    """Saves the draft as another therapist of the clinic."""

    def save(**item):
        with app.app_context():
            vera = people.add_user(
                clinic=alma.clinic,
                email="vera@clinic.example",
                name="Vera Stone",
                roles=[Role.THERAPIST],
                password="correct horse battery",
                at=now(),
            )
            drafts.save(draft.id, document=a_document(an_item(**item)), revision=draft.revision, by=vera, at=now())

    return save


def test_a_new_draft_begins_with_the_documented_frequency_and_without_exercises(as_alma, screened):
    page = as_alma.post(f"/patients/{screened.id}/draft", follow_redirects=True).text

    assert "No exercises yet" in page
    assert 'id="sessions_per_week" name="sessions_per_week" value="4"' in page
    assert "The program has no exercises." in page


def test_a_second_draft_for_one_patient_is_refused(as_alma, draft):
    answer = as_alma.post(f"/patients/{draft.patient_id}/draft")

    assert answer.status_code == 409
    assert "has a draft already" in answer.text


def test_saving_keeps_the_program_and_says_so(press, stored):
    answer = press("save", follow_redirects=True)

    assert "Draft saved." in answer.text
    assert stored()["starts_on"] == "2026-11-23"
    assert stored()["items"][0]["hold_seconds"] == "30"


def test_adding_keeps_what_was_typed_and_goes_to_the_new_exercise(press, stored):
    answer = press(f"add:{GLIDE}", TYPED | {"weeks": "unsaved"})

    assert answer.location.endswith("#items-1-title")
    assert stored()["weeks"] == "unsaved"
    assert stored()["items"][1]["exercise"] == GLIDE


def test_an_exercise_is_added_for_the_leg_that_the_screening_suggests(press, stored, app, alma, screened):
    with app.app_context():
        a_screening(screened, alma, legs={"left": {"sensations": []}, "right": {"sensations": ["tingling"]}})

    press(f"add:{GLIDE}")

    assert stored()["items"][1]["side"] == "right"


def test_the_library_says_what_the_screening_rules_out_and_why(as_alma, draft, app, alma, screened):
    with app.app_context():
        a_screening(screened, alma, legs={"left": {"sensations": ["tingling"]}, "right": {"sensations": ["pull"]}})

    entry = as_alma.get(f"/drafts/{draft.id}").text.split(f'id="library-{SUPINE}"')[1].split("</li>")[0]

    assert "Ruled out for the left leg" in entry
    assert "A nerve symptom is not a muscle to be stretched" in entry
    assert 'href="/catalogue/sources#prin.3"' in entry
    assert re.search(r'class="button button-quiet button-small"[^>]*value="add:', entry)


def test_removing_offers_to_bring_the_exercise_back_with_everything_typed(press, stored, draft, hidden):
    removed = press("remove:0", TYPED | {"items.0.note": "Slow"})
    undo = {f"undo.item.{name}": hidden(removed.text, f"undo.item.{name}") for name in ("exercise", "side", "note")}

    assert stored()["items"] == []
    assert "was removed." in removed.text
    press("undo", PLAN | undo | {"undo.position": "0"}, revision=draft.revision + 1)
    assert stored()["items"][0]["note"] == "Slow"


def test_a_button_pressed_with_nothing_new_on_an_old_page_is_no_conflict(press):
    press("save")

    assert press("save").status_code == 303


def test_saving_goes_back_to_what_was_changed(press):
    assert press("save", TYPED | {"items.0.note": "Slow"} | SAME_PLAN).location.endswith("#items-0-title")


def test_two_therapists_on_one_draft_see_both_and_lose_nothing(press, stored, draft, theirs):
    theirs(note="Theirs")

    stale = press("save", TYPED | {"items.0.note": "Mine"})
    again = press("save", TYPED | {"items.0.note": "Mine"}, revision=draft.revision + 1)

    assert stale.status_code == 409
    assert "Somebody else saved this draft meanwhile" in stale.text
    assert "<bdi>Vera Stone</bdi> saved it" in stale.text
    assert "<bdi>Theirs</bdi>" in stale.text
    assert "\nMine</textarea>" in stale.text
    assert f'name="revision" value="{draft.revision + 1}"' in stale.text
    assert again.status_code == 303
    assert stored()["items"][0]["note"] == "Mine"


def test_one_therapist_with_two_tabs_is_nobody_else(press):
    press("save", TYPED | {"items.0.note": "First tab"})

    stale = press("save", TYPED | {"items.0.note": "Second tab"})

    assert stale.status_code == 409
    assert "You saved this draft in another tab" in stale.text
    assert "Somebody else" not in stale.text
    assert "<bdi>First tab</bdi>" in stale.text


def test_a_draft_without_a_screening_offers_to_record_one(as_alma, patient):
    page = as_alma.post(f"/patients/{patient.id}/draft", follow_redirects=True).text

    assert re.search(r'<button[^>]* type="submit" name="act" value="screen">Record a screening</button>', page)


def test_going_to_screen_keeps_what_was_typed(press, stored, as_alma, draft):
    answer = press("screen", TYPED | {"weeks": "unsaved"})

    assert answer.location == f"/patients/{draft.patient_id}/screening?draft={draft.id}"
    assert stored()["weeks"] == "unsaved"
    assert f'name="draft" value="{draft.id}"' in as_alma.get(answer.location).text


def test_a_draft_that_was_discarded_says_where_its_program_would_be(as_alma, draft):
    as_alma.post(f"/drafts/{draft.id}/discard", data={"revision": str(draft.revision)})

    answer = as_alma.get(f"/drafts/{draft.id}")

    assert answer.status_code == 404
    assert "This draft is no longer here: it was issued or discarded." in html.unescape(answer.text)
    assert re.search(r'<a class="button[^"]*" href="/history">Go to history</a>', answer.text)


def test_a_new_version_starts_from_the_issued_program(as_alma, app, alma, screened):
    with app.app_context():
        program = an_issued_program(alma, patient=screened)

    page = as_alma.post(f"/patients/{screened.id}/draft", data={"from_program": program.id}, follow_redirects=True).text

    assert f"New version of {program.number}" in page
    assert 'name="items.0.hold_seconds" value="30"' in page


def test_an_exercise_that_left_the_catalogue_can_still_be_removed(press, as_alma, draft, stored):
    press("save", TYPED | {"items.0.exercise": "gone-for-good"})

    page = as_alma.get(f"/drafts/{draft.id}").text
    press("remove:0", TYPED | {"items.0.exercise": "gone-for-good"}, revision=draft.revision + 1)

    assert "is not in the catalogue, or its entry is still a draft." in page
    assert stored()["items"] == []


def test_a_value_that_the_exercise_does_not_document_is_shown_with_a_way_to_clear_it(press, as_alma, draft):
    press("save", TYPED | {"items.0.exercise": GLIDE, "items.0.sets": "2", "items.0.repetitions": "10"})

    page = as_alma.get(f"/drafts/{draft.id}").text

    assert 'name="items.0.hold_seconds" value="30"' in page
    assert "Not documented: leave it empty" in page


def test_a_discarded_draft_is_gone(as_alma, app, alma, draft):
    answer = as_alma.post(f"/drafts/{draft.id}/discard", data={"revision": str(draft.revision)}, follow_redirects=True)

    assert "Draft discarded." in answer.text
    with app.app_context(), pytest.raises(NotFoundError):
        drafts.get(draft.id, by=alma)


def test_a_draft_that_was_saved_meanwhile_is_not_discarded(as_alma, app, alma, draft):
    with app.app_context():
        drafts.save(draft.id, document={"items": []}, revision=draft.revision, by=alma, at=now())

    answer = as_alma.post(f"/drafts/{draft.id}/discard", data={"revision": str(draft.revision)}, follow_redirects=True)

    assert "so it was not discarded" in answer.text
    assert "Continue the draft" in answer.text
