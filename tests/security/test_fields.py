"""Which fields come in and go out: those that are documented, whoever asks."""

import pytest
from sqlalchemy import select

from app.models import IssuedProgram, Patient, User
from tests.builders import SUPINE, a_file, a_key
from tests.records import column
from tests.security.forms import Forms
from tests.security.walking import a_world, ask, calls, pages_to_read

OURS = {
    "id": "00000000-0000-4000-8000-000000000001",
    "clinic_id": "00000000-0000-4000-8000-000000000002",
    "clinic": "Lakeside Rehabilitation",
    "revision": 99,
    "state": "issued",
    "status": "withdrawn",
    "version": 7,
    "number": "HW-AAAAAAAA",
    "issued_at": "2001-01-01T00:00:00+00:00",
    "issued_by_id": "00000000-0000-4000-8000-000000000003",
    "created_at": "2001-01-01T00:00:00+00:00",
    "search_text": "nobody",
    "identifier_index": "0",
    "role": "administrator",
    "roles": "administrator",
    "is_admin": True,
    "pdf_sha256": "0",
    "__class__": "x",
    "__proto__": {"roles": "administrator"},
    "unknown": "x",
}
"""What the service sets itself, and what nobody knows."""
FILTERS = {"api.search_programs": {"status", "issued_by_id"}}
"""What is looked for there."""


@pytest.fixture
def world(app, alma):
    """Something of each kind."""
    with app.app_context():
        return a_world(alma)


def bodies(world):
    """A good body for each call of the API."""
    return {
        "api.add_patient": {"name": "Maya Holm", "identifier": "M1"},
        "api.check_program": a_file(patient={"name": "Maya Holm"}),
        "api.issue_program": a_file(patient_id=world["patient_id"]),
        "api.withdraw_program": {"reason": "It was the wrong leg."},
        "api.search_patients": {"text": "Maya"},
        "api.search_programs": {"text": "Maya"},
    }


@pytest.mark.asvs("8.2.3", "15.3.3")
@pytest.mark.parametrize("who", ["as_alma", "as_sten", "as_ada", "as_ines"])
def test_the_api_refuses_every_field_it_does_not_document(app, request, world, who):
    browser, found = request.getfixturevalue(who), {}
    for call in calls(app, world):
        unknown = OURS.keys() - FILTERS.get(call.endpoint, frozenset())
        for name in unknown if call.is_api and call.changes else ():
            body = bodies(world)[call.endpoint] | {name: OURS[name]}
            answer = ask(browser, call, json=body, headers={"Idempotency-Key": a_key()})
            if answer.status_code not in {403, 422} or (
                answer.status_code == 422 and name not in answer.json["errors"]
            ):
                found[call.endpoint, name] = answer.status_code, answer.text[:200]

    assert found == {}


def test_a_nested_field_that_is_not_documented_is_refused_too(as_alma):
    for name, value in OURS.items():
        item = {"exercise": SUPINE, "side": "left", "repetitions": 3, "hold_seconds": 30, name: value}

        assert as_alma.post("/api/v1/check", json=a_file(items=[item])).status_code == 422


def facts(app):
    """What no form may touch."""
    return (
        column(app, select(User.clinic_id).order_by(User.id)),
        column(app, select(User.roles_text).order_by(User.id)),
        column(app, select(IssuedProgram.issued_at)),
        column(app, select(IssuedProgram.issued_by_id)),
        set(column(app, select(Patient.clinic_id))),
        min(column(app, select(Patient.created_at))).year,
    )


@pytest.mark.asvs("8.2.3", "15.3.3")
@pytest.mark.parametrize("who", ["as_alma", "as_sten", "as_ada", "as_ines"])
def test_a_form_takes_no_field_that_its_page_does_not_show(app, request, world, who):
    browser, before, sent = request.getfixturevalue(who), facts(app), 0
    # The page of a colleague may give them other roles, so its form shows that field.
    extra = {name: str(value) for name, value in OURS.items() if name != "roles"}
    for call in pages_to_read(app, world):
        for form in forms_of(ask(browser, call), call):
            browser.post(form.action, data=extra | form.fields)
            sent += 1

    assert sent > 5
    assert facts(app) == before


def forms_of(answer, call):
    """The forms that change something, but for what would end the round."""
    found = Forms(answer.text, call.path).found if answer.mimetype == "text/html" else []
    return [form for form in found if form.method == "POST" and not form.action.endswith(("/sign-out", "/withdraw"))]


def documented(schema, components):
    """The schema itself, where it is referred to."""
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return schema


def undocumented(value, schema, components, path="body"):
    """Paths of an answer that the description does not have, or that it has and the answer lacks."""
    schema = documented(schema, components)
    if isinstance(value, list):
        for one in value:
            yield from undocumented(one, schema.get("items", {}), components, f"{path}[]")
    elif isinstance(value, dict) and "properties" in schema:
        yield from (f"{path}.{name}" for name in value.keys() ^ schema["properties"].keys())
        for name in value.keys() & schema["properties"].keys():
            yield from undocumented(value[name], schema["properties"][name], components, f"{path}.{name}")


@pytest.mark.asvs("8.1.2", "8.2.3", "15.3.1")
def test_an_answer_has_the_fields_that_are_documented_and_no_other(app, as_alma, world):
    described = as_alma.get("/api/v1/openapi.json").json
    found, seen = {}, set()
    for call in calls(app, world):
        if not call.is_api:
            continue
        path = call.rule.rule.replace("<", "{").replace(">", "}")
        answer = ask(as_alma, call, json=bodies(world).get(call.endpoint), headers={"Idempotency-Key": a_key()})
        told = described["paths"][path][call.method.lower()]["responses"].get(str(answer.status_code), {})
        schema = told.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            seen.add(call.endpoint)
            wrong = set(undocumented(answer.json, schema, described["components"]["schemas"]))
            found |= {call.endpoint: wrong} if wrong else {}

    assert found == {}
    assert seen >= {"api.patient", "api.find_patients", "api.program", "api.find_programs", "api.add_patient"}
