"""Another clinic is not there: each route answers for a foreign row as it does for a row that is nobody's.

The routes come from the application, the fields of bodies and queries from the API's own description. A new route whose
argument is not known here, or a new field with an id that does not say of what, fails.
"""

import re
from itertools import chain, combinations

import pytest
from marshmallow import Schema

from app.models import Role
from app.policy import POLICY, Public
from app.services.owned import is_id
from tests.builders import STRANGER_ID
from tests.conftest import signed_in, somebody
from tests.searching import address_of
from tests.security.neighbours import ARG, LINKS, NOT_A_CLINICS, OURS, Neighbours, rows_of

CAST = {"alma": Role.THERAPIST, "sten": Role.STAFF, "ada": Role.ADMINISTRATOR, "ines": Role.AUDITOR}
KINDS = {"patient", "program", "user", "draft"}
FORMS = {
    ("pages.start_draft", "POST"): {"from_program": "program"},
    ("pages.add_to_team", "POST"): {"user_id": "user"},
    ("pages.remove_from_team", "POST"): {"user_id": "user"},
    ("pages.screen", "POST"): {"draft": "draft"},
    ("pages.screen", "GET"): {"draft": "draft"},
    ("pages.history", "GET"): {"therapist": "user"},
    ("pages.history", "POST"): {"therapist": "user"},
    ("pages.history_csv", "GET"): {"therapist": "user"},
    ("pages.audit", "GET"): {"person": "user", "patient": "patient", "object": "program"},
    ("pages.audit", "POST"): {"person": "user", "patient": "patient", "object": "program"},
    ("pages.audit_csv", "GET"): {"person": "user", "patient": "patient", "object": "program"},
}
"""Fields of forms and addresses of the pages that hold ids. The crawl below finds a field that is missing here."""
FILTERS = {("api.find_programs", "GET"), ("api.search_programs", "POST")}
SAYS_NO_IN_ANOTHER_WAY = ({*FORMS} | FILTERS) - {("pages.start_draft", "POST")}
"""Where an id in a field is a filter, a choice or a way back: nothing is found by it, which is no 404."""
SEARCHES = (
    ("/patients", {"q": "finch"}),
    ("/patients", {"q": "-1"}),
    ("/history", {"patient": "finch"}),
    ("/history", {"status": "withdrawn"}),
    ("/history.csv", {"patient": "finch"}),
    ("/api/v1/patients/search", {"text": "finch"}),
    ("/api/v1/programs/search", {"text": "finch"}),
)
"""Words that stand in the rows of both clinics."""
AN_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def fields_with_ids(app):
    """Of each operation of the API: the fields of query and body that hold ids, and of what."""
    described = signed_in(app, somebody(app, "alma")).get("/api/v1/openapi.json").json
    paths = described["paths"]
    found = {}
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            operation = paths.get(re.sub(r"<(\w+)>", r"{\1}", rule.rule), {}).get(method.lower(), {})
            named = {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one.get("in") == "query"}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                named |= properties(content["schema"], described)
            refs = {name: schema for name, schema in named.items() if is_of_an_id(name)}
            if refs:
                found[rule.endpoint, method] = {name: schema.get("x-ref") for name, schema in refs.items()}
    return found


def properties(schema, described):
    """Of the schema itself, where it is referred to."""
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema.get("properties", {})


def is_of_an_id(name):
    return name.endswith("_id") or name == "supersedes"


def schemas(kind=Schema):
    for one in kind.__subclasses__():
        yield from (one, *schemas(one))


def places(app):
    """Every method of every route, with the places of ids in its address and in what is sent with it."""
    sent = FORMS | fields_with_ids(app)
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            arguments = {name: ARG[name] for name in sorted(rule.arguments) if ARG[name]}
            fields = sent.get((rule.endpoint, method), {})
            if arguments or fields:
                yield rule.endpoint, method, arguments, fields


def subsets(names):
    names = list(names)
    return chain.from_iterable(combinations(names, size) for size in range(1, len(names) + 1))


@pytest.fixture
def neighbours(app):
    """Riverside and Lakeside, with a row of every kind."""
    return Neighbours(app)


def test_every_argument_of_a_route_is_known(app):
    unknown = {
        f"{rule.rule}: say in ARG what {name} is the id of"
        for rule in app.url_map.iter_rules()
        for name in rule.arguments
        if name not in ARG
    }

    assert unknown == set()


def test_every_route_has_its_row_in_the_policy(app):
    routes = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in rule.methods}

    assert {row for row in routes if row[1] not in {"HEAD", "OPTIONS"}} - POLICY.keys() == set()


def test_every_field_with_an_id_says_of_what():
    ours = [one for one in schemas() if one.__module__.startswith("app.schemas")]
    fields = [(one.__name__, name, field) for one in ours for name, field in one().fields.items() if is_of_an_id(name)]

    assert fields
    assert [place for *place, field in fields if field.metadata.get("x-ref") not in KINDS] == []


def test_every_id_in_a_body_of_the_api_says_of_what(app):
    found = fields_with_ids(app)

    assert found["api.issue_program", "POST"] == {"patient_id": "patient", "supersedes": "program"}
    assert found["api.find_programs", "GET"] == {"patient_id": "patient", "issued_by_id": "user"}
    assert found["api.search_programs", "POST"] == found["api.find_programs", "GET"]
    assert {kind for refs in found.values() for kind in refs.values()} <= KINDS


@pytest.mark.asvs("8.2.2", "8.4.1")
@pytest.mark.parametrize("who", CAST)
def test_a_foreign_row_answers_like_a_row_that_is_nobodys(app, neighbours, who):
    browser, faults = signed_in(app, somebody(app, who)), []
    for place in places(app):
        access = POLICY[place[:2]].access
        may = isinstance(access, Public) or CAST[who] in access
        faults += wrong(neighbours, browser, place, may=may)

    assert faults == []
    assert rows_of(app, neighbours.theirs["clinic"]) == neighbours.before


def wrong(neighbours, browser, place, *, may):
    """What tells a foreign row from a row that is nobody's, for each choice of the ids that are foreign."""
    endpoint, method, arguments, fields = place
    kinds = arguments | fields
    own = {name: neighbours.own(kind, endpoint) for name, kind in kinds.items()}
    for chosen in subsets(kinds):
        theirs = {name: neighbours.foreign(kinds[name], endpoint) for name in chosen}
        nobodys = {name: stranger(value) for name, value in theirs.items()}
        answer = neighbours.ask(browser, endpoint, method, own | theirs)
        due = expected(endpoint, method, chosen, arguments, may=may)
        said = f"{method} {endpoint} {chosen}: {answer[0]}"
        if answer != neighbours.ask(browser, endpoint, method, own | nobodys):
            yield f"{said}, unlike for nobody's"
        if neighbours.leaks(answer[1]):
            yield f"{said} shows {neighbours.leaks(answer[1])}"
        if due not in {None, answer[0]}:
            yield f"{said}, not {due}"


def stranger(value):
    """What looks like ``value`` and is nobody's."""
    return STRANGER_ID if is_id(value) else value[:-8] + "nobodys0"


def expected(endpoint, method, chosen, arguments, *, may):
    """The status that is due; None where any will do that is the same for nobody's row."""
    if not may:
        return 403
    if endpoint in LINKS:
        return 410
    is_field_alone = not set(chosen) & arguments.keys()
    if isinstance(POLICY[endpoint, method].access, Public) or (
        is_field_alone and (endpoint, method) in SAYS_NO_IN_ANOTHER_WAY
    ):
        return None
    return 404


@pytest.mark.parametrize("who", CAST)
def test_no_page_of_ones_own_clinic_shows_another(app, neighbours, who):
    browser, seen = signed_in(app, somebody(app, who)), {}
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint != "static":
            kinds = {name: ARG[name] for name in rule.arguments if ARG[name]}
            own = {name: neighbours.own(kind, rule.endpoint) for name, kind in kinds.items()}
            seen[rule.endpoint] = neighbours.ask(browser, rule.endpoint, "GET", own)

    assert sum(status == 200 for status, _ in seen.values()) > 15
    assert {endpoint: neighbours.leaks(body) for endpoint, (_, body) in seen.items() if neighbours.leaks(body)} == {}
    assert rows_of(app, neighbours.theirs["clinic"]) == neighbours.before


@pytest.mark.parametrize("who", CAST)
def test_every_field_of_a_page_that_holds_an_id_is_known(app, neighbours, who):
    browser, known = signed_in(app, somebody(app, who)), {name for fields in FORMS.values() for name in fields}
    found = set()
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint.startswith("pages."):
            page = browser.get(own_address(app, neighbours, rule)).data.decode(errors="replace")
            found.update(fields_that_hold_an_id(page))

    assert found - {"key"} <= known  # what makes pressing "issue" twice the same as once
    assert found or who == "ada"


def own_address(app, neighbours, rule):
    """The rule's address for the rows of one's own clinic."""
    ids = {name: neighbours.own(ARG[name], rule.endpoint) for name in rule.arguments if ARG[name]}
    others = {name: NOT_A_CLINICS[name] for name in rule.arguments if not ARG[name]}
    return app.url_map.bind("localhost").build(rule.endpoint, ids | others)


def fields_that_hold_an_id(page):
    """Hidden fields, and lists to choose from."""
    yield from re.findall(rf'<input type="hidden" name="([^"]+)" value="{AN_ID}"', page)
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"(.*?)</select>', page, re.DOTALL):
        if re.search(rf'value="{AN_ID}"', options):
            yield name


def searched(browser, path, words):
    """The answer to a search, by whichever way the list takes its words."""
    if path.startswith("/api/"):
        return browser.post(path, json=words)
    address = address_of(browser, path.removesuffix(".csv"), **words)
    return browser.get(address.replace(path.removesuffix(".csv"), path))


def test_a_search_for_what_both_clinics_have_finds_ones_own(neighbours, as_alma):
    answers = [searched(as_alma, *search) for search in SEARCHES]

    bodies = [answer.get_data(as_text=True) for answer in answers]
    assert [answer.status_code for answer in answers] == [200] * len(SEARCHES)
    ours = (OURS, neighbours.ours["patient"])
    assert [body for body in bodies if not any(one in body for one in ours)] == []
    assert [neighbours.leaks(body) for body in bodies if neighbours.leaks(body)] == []
    assert [answer.json["total"] for answer in answers[-2:]] == [1, 2]


@pytest.mark.asvs("8.2.2")
def test_a_row_of_another_patient_is_not_taken_for_this_ones(app, neighbours, as_alma):
    """Parent and child of one clinic, but not of one another."""
    ours = neighbours.ours
    before = rows_of(app, ours["clinic"])
    start = {"patient_id": ours["other_patient"], "from_program": ours["program"]}
    issue = {"patient_id": ours["other_patient"], "supersedes": ours["program"]}

    answers = [
        neighbours.ask(as_alma, "pages.start_draft", "POST", start)[0],
        neighbours.ask(as_alma, "api.issue_program", "POST", issue)[0],
    ]

    assert all(400 <= status < 500 for status in answers), answers
    after = rows_of(app, ours["clinic"])
    assert {name: after[name] for name in ("draft", "issued_program", "patient")} == {
        name: before[name] for name in ("draft", "issued_program", "patient")
    }
