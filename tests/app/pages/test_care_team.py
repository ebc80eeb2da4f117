"""The care team on a patient's page, and the closed door outside it."""

import html
import re

import pytest
from sqlalchemy import select

from app.models import CareTeamMember, Draft, Patient
from tests.builder_form import TYPED
from tests.builders import a_draft, a_file, a_key
from tests.builders_care import a_colleague, restrict
from tests.conftest import signed_in
from tests.records import column
from tests.searching import look


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
def paths(screened, draft, program):
    """Every page and every address of the API that shows something of Maya."""
    patient = screened
    return [
        *(f"/patients/{patient.id}{below}" for below in ("", "/edit", "/screening")),
        *(f"/drafts/{draft.id}{below}" for below in ("", "/check")),
        *(f"/programs/{program.id}{below}" for below in ("", "/pdf", "/withdraw")),
        f"/api/v1/patients/{patient.id}",
        *(f"/api/v1/programs/{program.id}{below}" for below in ("", "/pdf")),
    ]


def test_outside_the_team_every_page_of_the_patient_is_closed(as_cara, paths):
    for path in paths:
        answer = as_cara.get(path)

        assert answer.status_code == 403, path
        assert "not in your care" in html.unescape(answer.text), path
        assert not [word for word in ("Maya", "Holm", "MRN-0042", "1984") if word in answer.text], path


@pytest.fixture
def acts(screened, draft, program):
    """Everything that can be sent to change something of Maya: address and what is sent along."""
    reason, revision = {"reason": "It is not mine at all."}, {"revision": "2"}
    issue = {"act": "issue", "key": a_key()}
    forms = {
        f"/patients/{screened.id}/edit": {"name": "X", "identifier": "Y", "revision": "1"},
        f"/patients/{screened.id}/screening": {"asked": "no"},
        f"/patients/{screened.id}/draft": {},
        f"/patients/{screened.id}/team/add": {"user_id": program.issued_by_id},
        f"/patients/{screened.id}/team/remove": {"user_id": program.issued_by_id},
        f"/drafts/{draft.id}": TYPED | revision | {"act": "save"},
        f"/drafts/{draft.id}/discard": revision,
        f"/drafts/{draft.id}/check": revision | issue,
        f"/programs/{program.id}/withdraw": reason,
    }
    asked = {"/api/v1/programs": {"patient_id": screened.id, **a_file()}}
    asked[f"/api/v1/programs/{program.id}/withdrawal"] = reason
    return [(path, {"data": form}) for path, form in forms.items()] + [
        (path, {"json": body, "headers": {"Idempotency-Key": a_key()}}) for path, body in asked.items()
    ]


def test_outside_the_team_nothing_can_be_done_with_the_patient(app, as_cara, acts):
    before = column(app, select(Patient.revision)), column(app, select(Draft.revision))

    for path, sent in acts:
        assert as_cara.post(path, **sent).status_code == 403, path

    assert (column(app, select(Patient.revision)), column(app, select(Draft.revision))) == before
    assert len(column(app, select(CareTeamMember.id))) == 1


def test_the_closed_door_offers_a_therapist_the_way_for_emergencies(as_cara, screened):
    page = as_cara.get(f"/patients/{screened.id}").text

    assert f'href="/patients/{screened.id}/emergency"' in page


def test_the_api_says_why_in_a_problem(as_cara, screened):
    answer = as_cara.get(f"/api/v1/patients/{screened.id}")

    assert answer.mimetype == "application/problem+json"
    assert "not in your care" in answer.json["detail"]


@pytest.mark.usefixtures("screened")
def test_the_list_shows_whose_record_is_closed(as_cara, as_alma):
    found = look(as_cara, "/patients", q="maya").text

    assert "Maya Holm" in found
    assert "Not in your care" in found
    assert "Not in your care" not in look(as_alma, "/patients", q="maya").text


def test_the_history_and_the_table_to_take_away_leave_out_other_peoples_patients(as_cara, as_alma, program):
    for path in ("/history", "/history.csv", "/api/v1/programs"):
        assert program.number in as_alma.get(path).text
        assert program.number not in as_cara.get(path).text


def test_a_member_adds_a_colleague_who_then_opens_the_record(as_alma, as_cara, cara, screened):
    added = as_alma.post(f"/patients/{screened.id}/team/add", data={"user_id": cara.id}, follow_redirects=True)

    assert "Cara Voss is in the care team." in added.text
    assert as_cara.get(f"/patients/{screened.id}").status_code == 200


def test_whoever_is_taken_out_is_refused_the_very_next_thing_they_do(as_alma, as_cara, cara, screened, paths):
    as_alma.post(f"/patients/{screened.id}/team/add", data={"user_id": cara.id})
    opened = [as_cara.get(path).status_code for path in paths]
    as_alma.post(f"/patients/{screened.id}/team/remove", data={"user_id": cara.id})

    assert opened == [200] * len(opened)
    for path in paths:
        assert as_cara.get(path).status_code == 403, path


def test_whoever_leaves_a_team_is_led_away_from_the_record(as_alma, as_cara, cara, screened):
    as_alma.post(f"/patients/{screened.id}/team/add", data={"user_id": cara.id})

    answer = as_cara.post(f"/patients/{screened.id}/team/remove", data={"user_id": cara.id}, follow_redirects=True)

    assert answer.request.path == "/patients"
    assert "Cara Voss is no longer in the care team." in answer.text


def test_the_last_one_has_no_button_to_leave(as_alma, cara, screened):
    alone = as_alma.get(f"/patients/{screened.id}").text
    as_alma.post(f"/patients/{screened.id}/team/add", data={"user_id": cara.id})
    together = as_alma.get(f"/patients/{screened.id}").text

    assert "/team/remove" not in alone
    assert together.count("/team/remove") == 2


def test_an_auditor_sees_the_team_without_a_button(as_ines, screened):
    page = as_ines.get(f"/patients/{screened.id}").text

    assert re.search(r"Care team.*Alma Reyes", page, re.DOTALL)
    assert "/team/" not in page


@pytest.mark.usefixtures("cara")
def test_staff_see_the_clinics_history_and_every_record(as_sten, screened, program):
    assert as_sten.get(f"/patients/{screened.id}").status_code == 200
    assert program.number in as_sten.get("/history.csv").text
    assert as_sten.get(f"/programs/{program.id}/pdf").status_code == 200


@pytest.mark.parametrize("form", [{}, {"user_id": "x"}, {"user_id": ["a", "b"]}])
def test_a_form_that_names_nobody_adds_nobody(app, as_alma, screened, form):
    answer = as_alma.post(f"/patients/{screened.id}/team/add", data=form, follow_redirects=True)

    assert "notice-problem" in answer.text or answer.status_code == 400
    assert len(column(app, select(CareTeamMember.id))) == 1
