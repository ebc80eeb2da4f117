import csv
import io

import pytest

from app.clock import now
from app.pages.history import COLUMNS
from app.services import programs
from tests.builders import a_screened_patient, an_issued_program
from tests.searching import look


@pytest.fixture
def other(app, alma):
    """A program of another patient, withdrawn."""
    with app.app_context():
        patient = a_screened_patient(alma, name="=HYPERLINK(1)", identifier="X-9")
        program = an_issued_program(alma, patient=patient)
        programs.withdraw(program.id, reason="Printed for the wrong leg", by=alma, at=now())
    return program


@pytest.fixture
def newer(app, alma, screened, program):
    """The next version of Maya's program."""
    with app.app_context():
        return an_issued_program(alma, patient=screened, from_program=program.id)


def rows(answer):
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def test_a_clinic_that_has_issued_nothing_is_told_what_will_stand_here(as_sten):
    assert "No programs yet" in as_sten.get("/history").text


def test_staff_find_a_program_and_its_download(as_sten, program):
    page = as_sten.get("/history").text

    assert f"{program.number}, version 1" in page
    assert f'href="/programs/{program.id}/pdf"' in page


def test_the_download_of_what_no_longer_holds_says_so(as_sten, newer, program, other):
    page = as_sten.get("/history").text

    named = '<span class="visually-hidden"> the PDF of {}, version {}</span>'
    assert "download>Download" + named.format(newer.number, 2) in page
    assert "download>Download (superseded)" + named.format(program.number, 1) in page
    assert "download>Download (withdrawn)" + named.format(other.number, 1) in page


@pytest.mark.parametrize(
    "typed",
    [
        {"patient": "holm"},
        {"patient": "MRN-0042"},
        {"number": "{number}"},
        {"status": "current"},
        {"issued_from.day": "1", "issued_from.month": "1", "issued_from.year": "2020"},
    ],
)
def test_each_filter_leaves_what_fits(as_sten, program, other, typed):
    page = look(
        as_sten, "/history", **{name: word.format(number=program.number.lower()) for name, word in typed.items()}
    )

    assert f"{program.number}, version 1" in page.text
    assert (f"{other.number}, version 1" in page.text) == ("issued_from.day" in typed)


def test_the_filter_by_therapist_offers_whoever_has_issued(as_sten, program, alma):
    page = as_sten.get(f"/history?therapist={alma.id}").text

    assert f'<option value="{alma.id}" selected>Alma Reyes</option>' in page
    assert program.number in page


def test_filters_without_a_match_offer_to_be_cleared(as_sten, program):
    page = as_sten.get("/history?status=withdrawn").text

    assert "No program matches" in page
    assert "Clear filters" in page
    assert program.number not in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"issued_from.day": "31", "issued_from.month": "2", "issued_from.year": "2026"}, "issued_from"),
        ({"issued_to.day": "1"}, "issued_to"),
        ({"status": "lost"}, "status"),
        ({"therapist": "nobody"}, "therapist"),
        ({"number": "HW\u200b"}, "number"),
    ],
)
@pytest.mark.usefixtures("program")
def test_a_filter_that_is_none_is_named_and_kept(as_sten, typed, field):
    answer = look(as_sten, "/history", patient="holm", **typed)

    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert 'name="patient" value="holm"' in answer.text


def test_a_filter_that_somebody_wrote_into_the_address_is_named_too(as_sten):
    assert as_sten.get("/history?status=lost").status_code == 422


@pytest.mark.usefixtures("other")
def test_the_csv_holds_what_the_page_finds_under_documented_columns(as_sten, program):
    answer = as_sten.get("/history.csv?status=current")

    header, row = rows(answer)
    assert tuple(header) == COLUMNS
    assert row[:3] == [program.number, "1", "current"]
    assert row[-1] == program.pdf_sha256


@pytest.mark.usefixtures("other")
def test_a_name_that_is_a_formula_reaches_no_spreadsheet_as_one(as_sten):
    assert rows(as_sten.get("/history.csv"))[1][6] == "'=HYPERLINK(1)"


def test_the_csv_has_a_name_that_tells_nothing_and_is_not_kept(as_sten):
    answer = as_sten.get("/history.csv")

    assert answer.mimetype == "text/csv"
    assert "attachment; filename=holdwell-history_2" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_csv_refuses_a_filter_that_is_none(as_sten):
    assert as_sten.get("/history.csv?status=lost").status_code == 422


def test_another_clinic_finds_nothing_of_ours(as_boris, program):
    page = as_boris.get("/history").text

    assert program.number not in page
    assert "Maya" not in as_boris.get("/history.csv").text
