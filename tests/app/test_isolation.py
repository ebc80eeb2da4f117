"""Another clinic is not there: each route with an id answers for a foreign row as it does for a row that is nobody's.

The routes come from the application itself, so that a new one can't be forgotten.
"""

from itertools import product

import pytest
from sqlalchemy import select

from app.models import Base
from tests.browsing import without_form_token
from tests.builders import STRANGER_ID, a_draft, a_key, a_screened_patient, an_issued_program
from tests.records import stored

NOT_AN_ID = {"exercise_id": "standing-hamstring-stretch", "filename": "app.css", "name": "app.css"}
"""Arguments of routes that name nothing of a clinic's."""


@pytest.fixture
def riverside_ids(app, alma):
    """One row of each kind of Alma's clinic, by the name of the argument that asks for it."""
    with app.app_context():
        program = an_issued_program(alma)
        draft = a_draft(a_screened_patient(alma, name="Canary Finch"), alma)
        return {"patient_id": draft.patient_id, "draft_id": draft.id, "program_id": program.id}


def routes(app):
    for rule in app.url_map.iter_rules():
        if rule.arguments - NOT_AN_ID.keys():
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule, method


def ask(app, browser, rule, method, ids):
    path = app.url_map.bind("localhost").build(rule.endpoint, {name: ids[name] for name in rule.arguments})
    body = {"json": {"reason": "It is not mine to withdraw."}} if path.startswith("/api/") and method == "POST" else {}
    answer = browser.open(path, method=method, headers={"Idempotency-Key": a_key()}, **body)
    return answer.status_code, without_form_token(answer.text)


def everything(app):
    changing = {"audit_event", "audit_head", "auth_session"}
    tables = [table for name, table in Base.metadata.tables.items() if name not in changing]
    return [stored(app, select(table).order_by(*table.primary_key)) for table in tables]


def test_every_argument_of_a_route_is_known(app, riverside_ids):
    arguments = {name for rule in app.url_map.iter_rules() for name in rule.arguments}

    assert arguments <= riverside_ids.keys() | NOT_AN_ID.keys()


def test_a_foreign_row_answers_like_a_row_that_is_nobodys(app, as_boris, riverside_ids):
    nobodys = dict.fromkeys(riverside_ids, STRANGER_ID)
    before = everything(app)

    for rule, method in routes(app):
        foreign = ask(app, as_boris, rule, method, riverside_ids | NOT_AN_ID)
        assert foreign == ask(app, as_boris, rule, method, nobodys | NOT_AN_ID), rule
        assert foreign[0] == 404, (rule, method)

    assert everything(app) == before


def test_no_list_shows_another_clinics_rows(app, as_alma, as_boris, riverside_ids):
    lists = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments and rule.endpoint != "static"
    ]

    seen = {path: as_boris.get(path).data for path in lists}

    assert "Canary Finch" in as_alma.get("/api/v1/patients").text
    for path, needle in product(lists, ("Canary", *riverside_ids.values())):
        assert needle.encode() not in seen[path], path


def test_a_foreign_program_cannot_be_superseded(app, as_boris, boris, riverside_ids):
    with app.app_context():
        patient = a_screened_patient(boris)
    body = {
        "patient_id": patient.id,
        "supersedes": riverside_ids["program_id"],
        "format": "holdwell-program/1",
        "items": [],
    }

    answer = as_boris.post("/api/v1/programs", json=body, headers={"Idempotency-Key": a_key()})

    assert answer.status_code == 404
