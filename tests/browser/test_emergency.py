"""The way past a closed door: three clicks, without JavaScript, on a desk and on a phone."""

import secrets

import pytest

from tests.builders import a_screened_patient, an_issued_program
from tests.builders_care import a_colleague, restrict

SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def riverside(service):
    """A clinic that restricts access, with Alma and Cara; gives Alma."""
    alma = service.user("alma")
    with service.app.app_context():
        a_colleague(alma)
    restrict(service.app, alma)
    yield alma
    restrict(service.app, alma, is_restricted=False)


@pytest.fixture(params=[1280, 320])
def width(request):
    """A desk's screen, and a phone's."""
    return request.param


@pytest.fixture
def record_number(service, riverside):
    """The record number of a patient of Alma's."""
    with service.app.app_context():
        patient = a_screened_patient(riverside, name="Maya Holm", identifier=f"MRN-{secrets.token_hex(4)}")
        an_issued_program(riverside, patient=patient)
    return patient.identifier


def find(page, record_number):
    page.goto("/patients")
    page.get_by_label("Name or record number").fill(record_number)
    page.get_by_role("button", name="Search").click()


def test_three_clicks_and_a_reason_open_the_record(open_page, record_number, width):
    page = open_page("cara", viewport={"width": width, "height": 900}, java_script_enabled=False)
    find(page, record_number)

    page.get_by_role("link", name="Maya Holm").click()
    page.get_by_role("link", name="Emergency access").click()
    page.get_by_label("Why can’t it wait?").fill("Fell at the gym, therapist away.")
    page.get_by_role("button", name="Open for 60 minutes").click()

    assert page.get_by_role("heading", name="Maya Holm").is_visible()
    assert page.get_by_text("Emergency access until").is_visible()


def test_an_administrator_finds_it_by_the_count_and_marks_it_as_reviewed(open_page, record_number, width):
    test_three_clicks_and_a_reason_open_the_record(open_page, record_number, width)
    page = open_page("ada", viewport={"width": width, "height": 900})
    page.goto("/catalogue")

    page.get_by_role("link", name="Emergencies").click()
    row = page.get_by_role("row").filter(has_text=record_number)
    assert not page.evaluate(SIDEWAYS)
    row.get_by_role("button", name="Mark as reviewed").click()

    assert "by Ada Brook" in page.get_by_role("row").filter(has_text=record_number).inner_text()


def test_a_member_adds_a_colleague_to_the_team(open_page, record_number, width):
    page = open_page("alma", viewport={"width": width, "height": 900}, java_script_enabled=False)
    find(page, record_number)
    page.get_by_role("link", name="Maya Holm").click()

    page.get_by_label("Add a colleague").select_option("Cara Voss")
    page.get_by_role("button", name="Add to the team").click()

    assert page.get_by_text("Cara Voss is in the care team.").is_visible()
    assert page.get_by_role("button", name="Remove Cara Voss").is_visible()
