import html
import re
from datetime import timedelta

import pytest

from app.clock import now
from app.pages import words
from app.pages.viewer import today
from app.services import drafts, history, printing
from app.services.history import HistoryFilters
from tests.builders import a_document, a_draft, a_screening, an_issued_program, an_item

OFTEN, PERSISTENT = "frequency-above-usual", "persistent-needs-review"


@pytest.fixture
def cautious(app, alma, screened):
    """A draft with two cautions: seven sessions a week, and persistent pain."""
    with app.app_context():
        a_screening(screened, alma, persistent=True)
        return a_draft(screened, alma, document=a_document(sessions_per_week="7"))


@pytest.fixture
def answer(as_alma, hidden):
    """Opens the check page of a draft and presses a button on it."""

    def send(draft, action="issue", *, page=None, **reasons):
        page = page or as_alma.get(f"/drafts/{draft.id}/check").text
        form = {name: hidden(page, name) for name in ("revision", "seen", "key")} | {"act": action}
        form |= {name.replace("__", "."): value for name, value in reasons.items()}
        return as_alma.post(f"/drafts/{draft.id}/check", data=form)

    return send


@pytest.fixture
def as_screened_anew(app, alma, screened):
    """Records another screening of Maya."""

    def record(**changes):
        with app.app_context():
            a_screening(screened, alma, **changes)

    return record


def reasons(often=("0", ""), persistent=("0", "")):
    found = {}
    for code, (choice, other) in ((OFTEN, often), (PERSISTENT, persistent)):
        found[f"reasons.{code}.choice"], found[f"reasons.{code}.other"] = choice, other
    return found


def programs_of(app, alma, patient_id):
    with app.app_context():
        filters = HistoryFilters(patient_id=patient_id)
        return history.find(filters=filters, page=1, by=alma, at=now()).items


def test_the_page_shows_each_exercise_with_a_way_back_that_names_it(as_alma, draft):
    page = as_alma.get(f"/drafts/{draft.id}/check").text

    assert "Check the program before you issue it" in page
    assert "<dt>Hold</dt><dd>30 seconds</dd>" in page
    assert "exercise 1, Supine hamstring stretch with strap or towel</span>" in page
    assert "Issue program and make the PDF" in page


def test_a_program_without_cautions_is_issued_at_once(answer, app, alma, draft):
    issued = answer(draft)

    program = programs_of(app, alma, draft.patient_id)[0]
    assert (issued.status_code, issued.location) == (303, f"/programs/{program.id}")


def test_no_reason_is_chosen_beforehand(as_alma, cautious):
    assert " checked" not in as_alma.get(f"/drafts/{cautious.id}/check").text


def test_each_caution_without_a_reason_is_named_at_the_top(answer, app, alma, cautious):
    refused = answer(cautious)

    page = refused.text
    assert refused.status_code == 422
    assert "<title>Error: Check the program" in page
    assert f'<a href="#reasons-{OFTEN}-choice">Choose a reason. 7 sessions a week' in page
    assert f'<a href="#reasons-{PERSISTENT}-choice">Choose a reason. Tightness or pain is persistent.' in page
    assert programs_of(app, alma, cautious.patient_id) == []


@pytest.mark.parametrize("words", ["", "too short", "         x         ", "x" * 501])
def test_other_needs_words_of_ones_own_and_keeps_them(answer, cautious, words):
    refused = answer(cautious, **reasons(often=("other", words)))

    assert refused.status_code == 422
    assert f'<a href="#reasons-{OFTEN}-other">Say why in' in refused.text
    assert f'value="{words}"' in refused.text
    assert 'value="other" checked' in refused.text
    assert f'name="reasons.{PERSISTENT}.choice" value="0" checked' in refused.text


def test_reasons_are_kept_with_the_program_and_shown_on_its_page(answer, as_alma, cautious):
    issued = answer(cautious, **reasons(often=("other", "Short sessions before each shift")))

    page = html.unescape(as_alma.get(issued.location).text)
    assert "Short sessions before each shift" in page
    assert "Examined today; suitable for this program" in page
    assert page.count("Confirm: reason given") == 2
    assert "Reasons were given by <bdi>Alma Reyes</bdi>" in page


def test_a_reason_that_is_not_on_offer_is_none(answer, cautious):
    assert answer(cautious, **reasons(often=("17", ""))).status_code == 422


def test_going_back_to_change_something_keeps_the_reasons_given_so_far(answer, as_alma, cautious):
    back = answer(cautious, "change:items-0", **reasons(often=("1", ""), persistent=("other", "Seen by Dr Reed")))

    page = as_alma.get(f"/drafts/{cautious.id}/check").text
    assert back.location == f"/drafts/{cautious.id}#items-0"
    assert f'name="reasons.{OFTEN}.choice" value="1" checked' in page
    assert f'name="reasons.{PERSISTENT}.other" value="Seen by Dr Reed"' in page


def test_a_blocked_program_has_no_button_to_issue_it_and_says_what_to_do(as_alma, app, alma, screened):
    with app.app_context():
        draft = a_draft(screened, alma, document=a_document(an_item(hold_seconds="45")))

    page = as_alma.get(f"/drafts/{draft.id}/check").text

    assert "This program cannot be issued yet" in page
    assert "Issue program" not in page
    assert "Choose a value inside the range." in page
    assert f'href="/drafts/{draft.id}#items-0-hold_seconds"' in page


def test_a_blocked_program_is_not_issued_by_whoever_sends_the_form_anyway(answer, app, alma, screened):
    with app.app_context():
        draft = a_draft(screened, alma, document=a_document(an_item(hold_seconds="45")))

    refused = answer(draft)

    assert refused.status_code == 409
    assert programs_of(app, alma, screened.id) == []


def test_an_old_screening_says_how_old_it_is(as_alma, as_screened_anew, draft):
    then = now().date() - timedelta(days=190)
    as_screened_anew(date=then.isoformat())

    assert f"{words.day(then.isoformat())}, 190 days ago</dd>" in as_alma.get(f"/drafts/{draft.id}/check").text


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_program_starts_today_or_later_on_the_clinics_clock(answer, app, alma, screened, days):
    starts_on = today(alma) + timedelta(days=days)
    with app.app_context():
        draft = a_draft(screened, alma, document=a_document(starts_on=starts_on.isoformat()))

    answered = answer(draft)

    assert answered.status_code == (422 if days < 0 else 303)
    assert ("The start date has passed." in answered.text) == (days < 0)
    assert len(programs_of(app, alma, screened.id)) == (days >= 0)


def test_a_draft_that_can_not_be_read_leads_back_to_the_builder(as_alma, app, alma, screened):
    with app.app_context():
        draft = a_draft(screened, alma, document=a_document(weeks="six"))

    assert as_alma.get(f"/drafts/{draft.id}/check").location == f"/drafts/{draft.id}"


def test_pressing_twice_issues_once(answer, as_alma, app, alma, cautious):
    page = as_alma.get(f"/drafts/{cautious.id}/check").text

    first = answer(cautious, page=page, **reasons())
    second = answer(cautious, page=page, **reasons())

    assert second.location == first.location
    assert len(programs_of(app, alma, cautious.patient_id)) == 1


def test_pressing_twice_without_any_reason_to_give_issues_once(answer, as_alma, draft):
    page = as_alma.get(f"/drafts/{draft.id}/check").text

    first = answer(draft, page=page)

    assert answer(draft, page=page).location == first.location


def test_a_draft_that_is_gone_is_not_found(as_alma, answer, draft):
    page = as_alma.get(f"/drafts/{draft.id}/check").text
    answer(draft, page=page)

    assert as_alma.get(f"/drafts/{draft.id}/check").status_code == 404


def test_only_what_was_seen_is_issued(answer, as_alma, app, alma, cautious):
    page = as_alma.get(f"/drafts/{cautious.id}/check").text
    with app.app_context():
        changed = cautious.document | {"weeks": "9"}
        drafts.save(cautious.id, document=changed, revision=cautious.revision, by=alma, at=now())

    refused = answer(cautious, page=page, **reasons(often=("other", "Short sessions before each shift")))

    assert refused.status_code == 409
    assert "check it once more" in refused.text
    assert "<dt>Weeks</dt><dd>9</dd>" in refused.text
    assert "Short sessions before each shift" in refused.text
    assert programs_of(app, alma, cautious.patient_id) == []


def test_a_new_screening_between_seeing_and_issuing_is_seen_first(answer, as_alma, as_screened_anew, draft):
    page = as_alma.get(f"/drafts/{draft.id}/check").text
    as_screened_anew(legs={"left": {"sensations": ["numbness"]}, "right": {"sensations": []}})

    refused = answer(draft, page=page)

    assert refused.status_code == 409
    assert "This program cannot be issued yet" in refused.text


def test_a_handout_that_can_not_be_printed_keeps_the_draft_and_the_reasons(answer, app, alma, cautious, monkeypatch):
    monkeypatch.setattr(printing, "_PRESS", printing.Press(workers=1, seconds=0.0))

    refused = answer(cautious, **reasons(often=("2", "")))

    assert refused.status_code == 409
    assert "Nothing was issued" in refused.text
    assert f'name="reasons.{OFTEN}.choice" value="2" checked' in refused.text
    assert programs_of(app, alma, cautious.patient_id) == []


def test_the_next_version_says_what_it_replaces(as_alma, app, alma, screened):
    with app.app_context():
        program = an_issued_program(alma, patient=screened)
        draft = a_draft(screened, alma, from_program=program.id)

    page = as_alma.get(f"/drafts/{draft.id}/check").text

    assert f"<dt>Replaces</dt><dd>{program.number}, version 1</dd>" in page
    assert f"Issuing makes {program.number}, version 2" in page


def test_a_button_that_the_page_does_not_have_is_refused(answer, draft):
    assert answer(draft, "explode").status_code == 400


def test_the_reasons_on_offer_are_the_rules_own(as_alma, cautious):
    page = html.unescape(as_alma.get(f"/drafts/{cautious.id}/check").text)

    offered = re.findall(rf'name="reasons\.{OFTEN}\.choice" value="[^"]+">\s*<label[^>]*>([^<]+)', page)
    assert offered == [
        "Patient is used to daily exercise",
        "Short sessions, spread over the week",
        "Agreed with the treating doctor",
        "Other",
    ]


def test_what_the_font_cannot_show_is_said_before_issuing(app, alma, as_alma, screened):
    with app.app_context():
        draft = a_draft(screened, alma, document=a_document(items=[an_item(note="慢 and easy")]))

    page = html.unescape(as_alma.get(f"/drafts/{draft.id}/check").text)

    assert "The note of exercise 1 holds 慢, which no handout can show." in page


def test_a_program_that_can_be_printed_says_nothing_of_fonts(as_alma, cautious):
    assert "Can’t be printed" not in html.unescape(as_alma.get(f"/drafts/{cautious.id}/check").text)
