"""Emergency access in the browser: three clicks at most, a banner for as long as it lasts, and administrators told."""

import html
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.models import AuditEvent, EmergencyAccess
from app.pages import later
from app.services import mail
from tests.builders import STRANGER_ID, a_draft
from tests.builders_care import a_colleague, restrict
from tests.conftest import signed_in
from tests.records import change, column

REASON = "Fell at the gym, therapist away."


@pytest.fixture
def cara(app, alma):
    """A therapist who is not in Maya's care team."""
    restrict(app, alma)
    with app.app_context():
        return a_colleague(alma)


@pytest.fixture
def draft(app, alma, screened, program):
    """A draft for Maya, begun after her program was issued."""
    assert program.patient_id == screened.id
    with app.app_context():
        return a_draft(screened, alma)


@pytest.fixture
def as_cara(app, cara):
    """Cara's browser."""
    return signed_in(app, cara)


@pytest.fixture
def open_record(as_cara, screened):
    """Sends the form that opens Maya's record."""

    def send(reason=REASON, **kwargs):
        return as_cara.post(f"/patients/{screened.id}/emergency", data={"reason": reason}, **kwargs)

    return send


def run_out(app):
    over = now() - timedelta(seconds=2)
    change(app, update(EmergencyAccess.__table__).values(expires_at=over))


def test_the_form_says_whose_record_it_opens_and_what_comes_of_it(as_cara, screened):
    page = html.unescape(as_cara.get(f"/patients/{screened.id}/emergency").text)

    assert "Maya Holm" in page
    assert "MRN-0042" in page
    assert "for 60 minutes" in page
    assert "administrators of your clinic are told" in page


def test_a_reason_leads_to_the_record_with_a_banner(open_record):
    answer = open_record(follow_redirects=True)

    assert answer.status_code == 200
    assert "Emergency access until" in answer.text
    assert "Recorded." in answer.text


def test_in_an_emergency_nobody_waits_for_the_mail_server(open_record, mailbox, monkeypatch):
    answered, outcomes = Event(), []
    monkeypatch.setattr(mail, "send", lambda *_, **__: outcomes.append(answered.wait(2)))

    answer = open_record()
    answered.set()
    later.wait()

    assert answer.status_code == 303
    assert outcomes == [True]
    assert mailbox.letters() == []


@pytest.fixture
def pages_of_the_patient(screened, draft, program):
    """Every page of Maya's."""
    return [
        *(f"/patients/{screened.id}{below}" for below in ("", "/edit", "/screening")),
        *(f"/drafts/{draft.id}{below}" for below in ("", "/check")),
        *(f"/programs/{program.id}{below}" for below in ("", "/withdraw")),
    ]


def test_every_page_of_the_patient_bears_the_banner_and_no_other_page(as_cara, open_record, pages_of_the_patient):
    open_record()

    for path in pages_of_the_patient:
        assert "Emergency access until" in as_cara.get(path).text, path
    for path in ("/patients", "/history", "/catalogue"):
        assert "Emergency access until" not in as_cara.get(path).text, path


def test_whoever_is_in_the_team_sees_no_banner(as_alma, open_record, screened):
    open_record()

    assert "Emergency access until" not in as_alma.get(f"/patients/{screened.id}").text


def test_the_banner_tells_the_time_on_the_clinics_clock(app, as_cara, open_record, screened):
    open_record()
    noon = now().replace(year=now().year + 1, month=7, day=1, hour=12, minute=5)
    change(app, update(EmergencyAccess.__table__).values(expires_at=noon))

    assert "Emergency access until 13:05." in as_cara.get(f"/patients/{screened.id}").text  # London, in summer


@pytest.mark.parametrize("reason", ["", "urgent", "x" * 501, "Hidden \u202e turned text"])
def test_without_a_reason_the_form_comes_back_and_nothing_opens(app, as_cara, open_record, screened, reason):
    answer = open_record(reason)

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert as_cara.get(f"/patients/{screened.id}").status_code == 403
    assert column(app, select(EmergencyAccess.id)) == []


def test_when_the_time_is_over_every_page_is_closed_again(app, as_cara, open_record, pages_of_the_patient):
    open_record()
    opened = [as_cara.get(path).status_code for path in pages_of_the_patient]

    run_out(app)

    assert opened == [200] * len(opened)
    for path in pages_of_the_patient:
        assert as_cara.get(path).status_code == 403, path


def test_when_the_time_is_over_the_pdf_and_the_next_save_are_refused(app, as_cara, open_record, draft, program):
    open_record()
    opened = as_cara.get(f"/programs/{program.id}/pdf").status_code

    run_out(app)

    assert opened == 200
    assert as_cara.get(f"/programs/{program.id}/pdf").status_code == 403
    assert as_cara.get(f"/api/v1/programs/{program.id}/pdf").status_code == 403
    assert as_cara.post(f"/drafts/{draft.id}", data={"act": "save", "revision": "2"}).status_code == 403


def test_opening_leaves_its_event_once(app, open_record):
    open_record()

    assert column(app, select(AuditEvent.action)).count("patient.emergency_opened") == 1


@pytest.mark.parametrize("name", ["as_sten", "as_ada", "as_ines"])
@pytest.mark.usefixtures("cara")
def test_it_is_for_therapists(request, name, screened):
    browser = request.getfixturevalue(name)

    assert browser.get(f"/patients/{screened.id}/emergency").status_code == 403
    assert browser.post(f"/patients/{screened.id}/emergency", data={"reason": REASON}).status_code == 403


@pytest.mark.usefixtures("cara")
def test_whose_record_is_open_needs_no_emergency(as_alma, screened):
    assert as_alma.get(f"/patients/{screened.id}/emergency").status_code == 409
    assert as_alma.post(f"/patients/{screened.id}/emergency", data={"reason": REASON}).status_code == 409


def test_another_clinics_record_is_not_there(as_boris, screened):
    for patient_id in (screened.id, STRANGER_ID):
        assert as_boris.get(f"/patients/{patient_id}/emergency").status_code == 404
        assert as_boris.post(f"/patients/{patient_id}/emergency", data={"reason": REASON}).status_code == 404


def test_administrators_see_a_count_on_every_page_until_it_is_reviewed(as_ada, as_alma, open_record):
    open_record()
    page = as_ada.get("/emergency").text
    review = page.split('action="/emergency/')[1].split('"')[0]
    before = as_ada.get("/catalogue").text
    as_ada.post(f"/emergency/{review}")
    after = as_ada.get("/catalogue").text

    assert "1<span class=" in before.split("Emergencies")[1][:200]
    assert "not reviewed" in before
    assert "not reviewed" not in after
    assert "Emergencies" not in as_alma.get("/catalogue").text


def test_the_list_says_who_when_which_record_and_why_but_no_name(as_ada, open_record):
    open_record()

    page = html.unescape(as_ada.get("/emergency").text)

    assert all(word in page for word in ("Cara Voss", "MRN-0042", REASON, "Mark as reviewed"))
    assert "Maya" not in page


def test_an_auditor_reads_the_list_and_reviews_nothing(app, as_ines, open_record):
    open_record()
    access = column(app, select(EmergencyAccess.id))[0]

    assert "Mark as reviewed" not in as_ines.get("/emergency").text
    assert as_ines.post(f"/emergency/{access}/review").status_code == 403


@pytest.mark.parametrize("name", ["as_alma", "as_sten"])
def test_the_list_is_not_for_everybody(request, name):
    assert request.getfixturevalue(name).get("/emergency").status_code == 403


def test_another_clinics_list_is_empty_and_its_openings_are_not_there(app, as_bea, open_record):
    open_record()
    access = column(app, select(EmergencyAccess.id))[0]

    assert "None so far" in as_bea.get("/emergency").text
    assert as_bea.post(f"/emergency/{access}/review").status_code == 404


def test_two_administrators_review_it_once(app, as_ada, open_record):
    open_record()
    access = column(app, select(EmergencyAccess.id))[0]

    assert [as_ada.post(f"/emergency/{access}/review").status_code for _ in range(2)] == [303, 303]
    assert column(app, select(AuditEvent.action)).count("patient.emergency_reviewed") == 1
