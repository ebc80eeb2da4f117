"""The audit page: for who examines, in words, with ids for patients and never a name."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.database import unit_of_work
from app.models import Action, AuditEvent, AuthSession
from app.models.base import new_id
from app.pages.audit_words import DID, did
from app.services import audit, patients
from app.services.audit_table import COLUMNS
from tests.builders import a_patient
from tests.records import change, stored

NAME, NUMBER = "Canary Finch", "CANARY-0077"


@pytest.fixture
def canary(app, alma):
    """A patient whom Alma has added and looked at."""
    with app.app_context():
        patient = a_patient(alma, name=NAME, identifier=NUMBER)
        return patients.get(patient.id, by=alma, at=now())


def note(app, by, number=1, action=Action.PATIENT_VIEWED, **more):
    with app.app_context(), unit_of_work(by.clinic_id) as session:
        for _ in range(number):
            audit.record(session, action, by=by, at=now(), **({"patient_id": new_id()} | more))


def texts(page):
    """What the page says, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def lines(page):
    """The lines of the table, each as text."""
    body = re.search(r"<tbody>(.*)</tbody>", page, re.DOTALL)
    return [texts(row) for row in re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL)] if body else []


@pytest.mark.parametrize("who", ["as_ada", "as_ines"])
def test_who_examines_reads_in_words_what_happened(request, canary, who):
    page = request.getfixturevalue(who).get("/audit")

    assert page.status_code == 200
    assert any(
        line.startswith("Alma Reyes viewed a patient's record".replace("'", "&#39;")) for line in lines(page.text)
    )
    assert canary.id in page.text


@pytest.mark.parametrize("who", ["as_alma", "as_sten"])
def test_nobody_else_reads_it(request, who):
    browser = request.getfixturevalue(who)

    assert browser.get("/audit").status_code == browser.get("/audit.csv").status_code == 403
    assert 'href="/audit"' not in browser.get("/catalogue").text


@pytest.mark.usefixtures("canary")
@pytest.mark.parametrize("address", ["/audit", "/audit.csv"])
def test_no_patient_is_named(as_ada, address):
    said = as_ada.get(address).text

    assert NAME not in said
    assert NUMBER not in said


def test_a_line_leads_to_all_of_its_person_and_its_patient(app, as_ada, alma, canary):
    note(app, alma)

    of_patient = as_ada.get("/audit", query_string={"patient": canary.id}).text
    of_person = as_ada.get("/audit", query_string={"person": alma.id}).text

    assert f'href="/audit?patient={canary.id}"' in as_ada.get("/audit").text
    assert all(canary.id in line for line in lines(of_patient))
    assert all(line.startswith("Alma Reyes") for line in lines(of_person))


def test_lines_are_sorted_as_asked(as_ada, canary):
    page = as_ada.get("/audit", query_string={"sort": "when", "direction": "up"}).text

    numbers = [int(found) for found in re.findall(r"no\. (\d+)", page)]
    assert numbers == sorted(numbers)
    assert 'aria-sort="ascending"' in page
    assert canary.id in page


def test_pages_are_turned_without_missing_a_line(app, as_ada, alma):
    wanted = new_id()
    note(app, alma, 60, patient_id=wanted)

    first = as_ada.get("/audit", query_string={"patient": wanted, "action": "patient.viewed"}).text
    onward = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = as_ada.get(onward).text

    assert (len(lines(first)), len(lines(second))) == (50, 10)
    assert 'rel="next"' not in second
    assert "First page" in second


def test_a_search_without_a_result_says_so(as_ada):
    page = as_ada.get("/audit", query_string={"patient": new_id()}).text

    assert "No event matches" in page
    assert "Clear filters" in page


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"patient": "Canary Finch"}, "patient"),
        ({"person": "nobody"}, "person"),
        ({"since.day": "40", "since.month": "1", "since.year": "2026"}, "since"),
    ],
)
def test_a_filter_that_is_none_is_said_beside_its_field(as_ada, query, field):
    answer = as_ada.get("/audit", query_string=query)

    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "9" * 30}, {"sort": "mac"}, {"direction": "sideways"}])
def test_an_order_or_a_place_that_is_none_is_passed_over(as_ada, query):
    assert as_ada.get("/audit", query_string=query).status_code == 200


def test_the_week_stands_above_an_unfiltered_trail_alone(as_ada):
    assert "The last seven days" in as_ada.get("/audit").text
    assert "The last seven days" not in as_ada.get("/audit", query_string={"outcome": "refused"}).text


def test_who_opened_very_many_records_is_named_on_top(app, as_ada, alma):
    note(app, alma, 101)

    page = texts(as_ada.get("/audit").text)

    assert "Alma Reyes opened the records of 101 patients within an hour" in page


def test_the_download_is_a_table_with_ids_and_leaves_an_event(app, as_ada, ada, canary):
    answer = as_ada.get("/audit.csv", query_string={"patient": canary.id})

    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    last = stored(app, select(AuditEvent.action, AuditEvent.actor_id).order_by(AuditEvent.at.desc()).limit(1))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=holdwell-audit_")
    assert list(rows[0]) == list(COLUMNS)
    assert {row["patient"] for row in rows} == {canary.id}
    assert last == [("audit.exported", ada.id)]


def test_the_download_asks_again_who_it_is_after_a_while(app, as_ada):
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))

    answer = as_ada.get("/audit.csv")

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/prove")


def test_every_event_has_its_words():
    assert set(DID) == set(Action)


def test_an_event_of_a_later_version_is_shown_as_it_is():
    assert did("patient.cured") == "patient.cured"


def test_what_was_refused_is_said_so():
    assert did("session.proved", "refused") == "proved again who they are (refused)"
