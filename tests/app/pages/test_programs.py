import hashlib
import html
import re

import pytest

from tests.builders import an_issued_program


@pytest.fixture
def withdraw(as_alma, program):
    """Sends the form that takes the program back."""
    return lambda reason, **kwargs: as_alma.post(f"/programs/{program.id}/withdraw", data={"reason": reason}, **kwargs)


def test_the_page_of_a_program_says_what_was_prescribed_by_whom_and_on_what_it_rests(as_alma, program):
    page = html.unescape(as_alma.get(f"/programs/{program.id}").text)

    assert f"Program {program.number}" in page
    assert "by <bdi>Alma Reyes</bdi>" in page
    assert "<dt>Hold</dt><dd>30 seconds</dd>" in page
    assert "<dt>Warm-up</dt><dd>Walking, 5 minutes</dd>" in page
    assert "A pull in the muscle" in page
    assert "Nothing. The program stayed inside every documented range and precaution." in page
    assert "Current" in page


def test_the_download_is_the_stored_pdf_under_a_name_that_tells_nothing_of_the_patient(as_alma, program):
    answer = as_alma.get(f"/programs/{program.id}/pdf")

    assert hashlib.sha256(answer.data).hexdigest() == program.pdf_sha256
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={program.number}-v1.pdf"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_link_to_the_download_says_type_and_size(as_alma, program):
    page = as_alma.get(f"/programs/{program.id}").text
    octets = len(as_alma.get(f"/programs/{program.id}/pdf").data)

    assert f"Download PDF ({round(octets / 1000)} kB)" in page


def test_staff_see_and_download_a_program_and_have_no_button_to_change_it(as_sten, program):
    page = as_sten.get(f"/programs/{program.id}").text

    assert "Download PDF" in page
    assert "New version" not in page
    assert "Withdraw" not in page
    assert as_sten.get(f"/programs/{program.id}/pdf").status_code == 200


def test_a_superseded_program_says_by_which(as_alma, app, alma, screened, program):
    with app.app_context():
        newer = an_issued_program(alma, patient=screened, from_program=program.id)

    page = as_alma.get(f"/programs/{program.id}").text

    assert f'<a href="/programs/{newer.id}">Version 2</a>, issued' in page
    assert "Superseded" in page
    assert "New version" not in page


def test_an_old_version_leads_to_the_newest_too(as_alma, app, alma, screened, program):
    with app.app_context():
        second = an_issued_program(alma, patient=screened, from_program=program.id)
        third = an_issued_program(alma, patient=screened, from_program=second.id)

    assert f'The newest is <a href="/programs/{third.id}">version 3</a>' in as_alma.get(f"/programs/{program.id}").text


def test_a_withdrawn_program_says_so_with_reason_date_and_by_whom(withdraw, as_alma, program):
    answer = withdraw("Printed for the wrong leg", follow_redirects=True)

    page = answer.text
    assert "The program is withdrawn." in page
    assert "Withdrawn: do not hand this out" in page
    assert "Reason: <bdi>Printed for the wrong leg</bdi>" in page
    assert re.search(r"Withdrawn \d+ \w+ \d{4}, \d\d:\d\d by <bdi>Alma Reyes</bdi>", page)
    assert as_alma.get(f"/programs/{program.id}/pdf").status_code == 200


@pytest.mark.parametrize("reason", ["", "too short", "x" * 501])
def test_a_withdrawal_needs_a_reason_and_keeps_what_was_typed(withdraw, reason):
    answer = withdraw(reason)

    assert answer.status_code == 422
    assert '<a href="#reason">' in answer.text
    assert f">\n{reason}</textarea>" in answer.text


def test_a_program_is_withdrawn_once(withdraw):
    withdraw("Printed for the wrong leg")

    assert withdraw("Printed for the wrong leg").status_code == 409


def test_nothing_happens_before_the_withdrawal_is_confirmed(as_alma, program):
    asked = as_alma.get(f"/programs/{program.id}/withdraw").text

    assert f"Withdraw program {program.number}, version 1?" in asked
    assert "Current" in as_alma.get(f"/programs/{program.id}").text


def test_a_program_whose_patient_has_a_draft_leads_to_that_draft(as_alma, program):
    as_alma.post(f"/patients/{program.patient_id}/draft")

    page = as_alma.get(f"/programs/{program.id}").text

    assert "Continue the draft" in page
    assert "New version" not in page
