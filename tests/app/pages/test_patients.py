import html
import re

import pytest

from app.services import patients
from app.services.patients import PatientFacts
from tests.builders import a_patient, an_issued_program
from tests.searching import look

TYPED = {
    "name": "Nora Lindqvist",
    "birth_date.day": "9",
    "birth_date.month": "3",
    "birth_date.year": "1984",
    "identifier": "MRN-7",
}


def test_a_clinic_without_patients_is_told_how_to_begin(as_alma):
    page = as_alma.get("/patients").text

    assert "No patients yet" in page
    assert "Start by adding a patient." in page


def test_a_search_without_a_match_names_what_was_searched_and_offers_to_clear_it(as_alma, patient):
    page = look(as_alma, "/patients", q="<zzz>").text

    assert "“<bdi>&lt;zzz&gt;</bdi>”" in page
    assert "Clear search" in page
    assert patient.name not in page


def test_a_search_finds_by_name_and_by_record_number(as_alma, patient):
    assert patient.name in look(as_alma, "/patients", q="maya").text
    assert patient.name in look(as_alma, "/patients", q="MRN-0042").text


def test_a_long_list_is_turned_page_by_page_with_the_search_kept(as_alma, app, alma):
    with app.app_context():
        for number in range(26):
            a_patient(alma, name=f"Holm {number:02}")

    page = look(as_alma, "/patients", q="holm").text
    onward = re.search(r'rel="next" href="(/patients\?page=2&amp;search=[\w-]+)"', page)[1]

    assert "Page 1 of 2 · 26 patients" in page
    assert "Holm 25" in as_alma.get(html.unescape(onward)).text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "٣"])
@pytest.mark.usefixtures("patient")
def test_a_page_number_that_is_none_shows_a_page_all_the_same(as_alma, page):
    assert as_alma.get(f"/patients?page={page}").status_code == 200


def test_a_patient_is_added_with_a_date_of_birth_in_three_fields(as_alma):
    answer = as_alma.post("/patients/new", data=TYPED, follow_redirects=True)

    assert "Patient added." in answer.text
    assert "9 March 1984" in answer.text
    assert "<bdi>MRN-7</bdi>" in answer.text


def test_what_is_wrong_is_said_at_the_top_and_beside_the_field_and_nothing_typed_is_lost(as_alma):
    answer = as_alma.post("/patients/new", data=TYPED | {"name": "", "birth_date.day": "31", "birth_date.month": "2"})

    page = answer.text
    assert answer.status_code == 422
    assert "<title>Error: Add a patient" in page
    assert page.count("Date of birth must be a real date, such as 9 3 2026.") == 2
    assert 'href="#birth_date"' in page
    assert 'id="birth_date"' in page
    assert 'name="birth_date.day" value="31"' in page
    assert 'value="MRN-7"' in page


def test_a_patient_without_a_name_is_refused(as_alma):
    answer = as_alma.post("/patients/new", data=TYPED | {"name": " "})

    assert answer.status_code == 422
    assert """<a href="#name">Give the patient&#39;s name.</a>""" in answer.text


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "x" * 205, "Full name has 205 characters; at most 120 fit."),
        ("identifier", "x" * 205, "Record number has 205 characters; at most 120 fit."),
        ("name", "Maya\u200b", "Full name holds an invisible character."),
        ("birth_date.year", "2199", "The date of birth lies in the future."),
    ],
)
def test_what_is_wrong_with_a_patient_names_its_subject(as_alma, field, typed, words):
    page = as_alma.post("/patients/new", data=TYPED | {field: typed}).text

    assert f">{words}</a>" in page


def test_what_is_not_known_of_a_patient_is_said_in_words(as_alma, app, alma):
    with app.app_context():
        patient = patients.add(facts=PatientFacts(name="Ada", identifier="7"), by=alma, at=alma.created_at)

    assert "<dt>Born</dt><dd>Not recorded</dd>" in as_alma.get(f"/patients/{patient.id}").text


def test_the_page_of_a_new_patient_says_what_comes_next(as_alma, patient):
    page = as_alma.get(f"/patients/{patient.id}").text

    assert "Not screened yet." in page
    assert "Record a screening" in page
    assert "No program has been issued to this patient." in page
    assert "Start a program" in page


def test_the_page_of_a_patient_shows_screening_draft_and_programs(as_alma, app, alma, screened):
    with app.app_context():
        program = an_issued_program(alma, patient=screened)
        an_issued_program(alma, patient=screened, from_program=program.id)
    as_alma.post(f"/patients/{screened.id}/draft")

    page = as_alma.get(f"/patients/{screened.id}").text

    assert "A pull in the muscle" in page
    assert "None felt" in page
    assert "Draft in progress" in page
    assert f"{program.number}, version 2" in page
    assert "Current" in page
    assert "Superseded" in page


def test_an_edit_starts_from_what_is_kept_and_is_shown_afterwards(as_alma, patient):
    form = as_alma.get(f"/patients/{patient.id}/edit").text
    answer = as_alma.post(
        f"/patients/{patient.id}/edit", data=TYPED | {"revision": "1", "name": "Maya Holm-Berg"}, follow_redirects=True
    )

    assert 'name="birth_date.month" value="3"' in form
    assert "Changes saved." in answer.text
    assert "Maya Holm-Berg" in answer.text


def test_an_edit_from_an_old_page_shows_both_and_saves_nothing_until_pressed_again(as_alma, patient):
    address = f"/patients/{patient.id}/edit"
    as_alma.post(address, data=TYPED | {"revision": "1", "name": "Theirs"})

    stale = as_alma.post(address, data=TYPED | {"revision": "1", "name": "Mine"})
    again = as_alma.post(address, data=TYPED | {"revision": "2", "name": "Mine"}, follow_redirects=True)

    assert stale.status_code == 409
    assert "Somebody else changed this patient meanwhile" in stale.text
    assert "<bdi>Theirs</bdi>" in stale.text
    assert 'value="Mine"' in stale.text
    assert 'name="revision" value="2"' in stale.text
    assert "<bdi>Mine</bdi>" in again.text


def test_an_edit_that_is_refused_keeps_what_was_typed(as_alma, patient):
    answer = as_alma.post(f"/patients/{patient.id}/edit", data=TYPED | {"revision": "1", "name": "x" * 121})

    assert answer.status_code == 422
    assert "x" * 121 in answer.text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7*7 }}", '" onfocus="alert(1)'])
def test_a_name_is_text_wherever_it_stands(as_alma, app, alma, name):
    with app.app_context():
        patient = a_patient(alma, name=name)

    page = as_alma.get(f"/patients/{patient.id}/edit").text

    assert "<script>" not in page
    assert f"<bdi>{name}</bdi>" in html.unescape(page)
    assert ' onfocus="' not in page


def test_staff_add_and_edit_patients_and_see_no_button_for_prescribing(as_sten, screened):
    page = as_sten.get(f"/patients/{screened.id}").text

    assert "Edit patient" in page
    assert "Start a program" not in page
    assert "Screen again" not in page
