"""Text and numbers at every door: refused by the field's name, on both databases alike, and never a fault of ours."""

import json

import pytest

from app.models import IssuedProgram
from tests.builders import SUPINE, a_file, a_key
from tests.naughty import HOSTILE
from tests.records import count
from tests.security.forms import Forms
from tests.security.walking import a_world, ask, calls, pages_to_read

ODD_NUMBERS = (
    *(1.5, 10.9, 3.0, 1e3, -1, -0.0, 0, True, False, None, [3], {"n": 3}, 2**31, 2**63, 10**30),
    *("3", "1_0", "１０", "١٠", " 10 ", "10.0", "1e1", "0x1", "+3", "3 ", "三", ""),
)
LONG_NUMBERS = ("1" + "0" * 400, "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "0010", "1_0", "+3", ".5", "5.")
LARGEST = 256 * 1024
REFERENCES = {"patient_id", "supersedes"}
"""Text that names a row: what is no id is nobody's."""


@pytest.fixture
def world(app, alma):
    """Something of each kind."""
    with app.app_context():
        return a_world(alma)


def bodies(world):
    """A good body for each call of the API that takes one. Whoever adds a call adds its body here."""
    item = {"exercise": SUPINE, "side": "left", "repetitions": 3, "hold_seconds": 30, "note": "Slowly."}
    program = a_file(items=[item])
    program |= {"starts_on": "2026-11-23", "timing": ["morning"]}
    patient = {"name": "Maya Holm", "identifier": "M1", "birth_date": "1984-03-09"}
    return {
        "api.add_patient": {"name": "Maya Holm", "identifier": "M1", "birth_date": "1984-03-09"},
        "api.check_program": program | {"patient": patient},
        "api.issue_program": program | {"patient_id": world["patient_id"], "supersedes": world["program_id"]},
        "api.withdraw_program": {"reason": "It was the wrong leg."},
        "api.search_patients": {"text": "Maya"},
        "api.search_programs": {"text": "Maya"},
    }


def leaves(value, path=()):
    """Every value below, with its path."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def with_leaf(body, path, value):
    """The body with another value there."""
    copy = json.loads(json.dumps(body))
    here = copy
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return copy


def tries(fields):
    """All that is hostile for the first field, and one of it for each of the others: the round must end."""
    for place, one in enumerate(fields):
        for hostile in HOSTILE if place == 0 else (HOSTILE[place % len(HOSTILE)],):
            yield one, hostile


def api_calls(app, world):
    return [call for call in calls(app, world) if call.is_api and call.changes]


def send(browser, call, body):
    """The raw body, which need not be JSON at all."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": a_key()}
    return ask(browser, call, data=text, headers=headers)


def test_every_call_of_the_api_has_a_good_body_here(app, world):
    assert {call.endpoint for call in api_calls(app, world)} == bodies(world).keys()


def test_a_good_body_is_good(app, as_alma, world):
    """Else whatever is tried with it below would be refused for another reason."""
    found = {call.endpoint: send(as_alma, call, bodies(world)[call.endpoint]) for call in api_calls(app, world)}

    assert {name: answer.text for name, answer in found.items() if answer.status_code not in {200, 201, 409}} == {}


@pytest.mark.asvs("1.3.3", "2.2.1", "2.2.2")
def test_no_text_of_the_api_takes_what_is_hostile(app, as_alma, world):
    found = {}
    for call in api_calls(app, world):
        body = bodies(world)[call.endpoint]
        for path, hostile in tries([path for path, value in leaves(body) if isinstance(value, str)]):
            answer = send(as_alma, call, with_leaf(body, path, hostile))
            name = [part for part in path if isinstance(part, str)][-1]
            if not is_refused_by(answer, name, hostile):
                found[call.endpoint, path, ascii(hostile)[:20]] = answer.status_code, answer.text[:200]

    assert found == {}


def is_refused_by(answer, name, hostile):
    """Whether the answer says that this field is at fault."""
    if name in REFERENCES and answer.status_code == 404:
        return True
    if len(hostile) > LARGEST and answer.status_code == 413:
        return True
    return answer.status_code == 422 and name in " ".join(answer.json.get("errors", {}))


@pytest.mark.asvs("1.4.2", "15.3.5")
def test_no_number_of_the_api_is_guessed(app, as_alma, world):
    found = {}
    (call,) = [call for call in api_calls(app, world) if call.endpoint == "api.check_program"]
    body = bodies(world)[call.endpoint]
    for path, value in leaves(body):
        for odd in ODD_NUMBERS if isinstance(value, int) else ():
            answer = send(as_alma, call, with_leaf(body, path, odd))
            if not is_refused_by(answer, path[-1], ""):
                found[path, repr(odd)] = answer.status_code, answer.text[:200]

    assert found == {}


@pytest.mark.asvs("1.4.2", "15.3.5")
def test_a_number_that_json_does_not_have_is_refused(as_alma, app, world):
    (call,) = [call for call in api_calls(app, world) if call.endpoint == "api.check_program"]
    good, found = json.dumps(bodies(world)["api.check_program"]), {}
    for number in LONG_NUMBERS:
        body = good.replace('"repetitions": 3', f'"repetitions": {number}')
        found[number] = send(as_alma, call, body.encode()).status_code

    assert set(found.values()) == {422}, found


BROKEN = {
    "nothing": b"",
    "a word": b"nonsense",
    "half an object": b'{"name": ',
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "Maya"}'.encode("utf-16"),
    "doubled key": b'{"name": "a", "name": "b", "reason": "long enough", "reason": "other reason"}',
    "NaN": b'{"name": NaN, "reason": NaN}',
    "a list": b"[]",
    "null": b"null",
    "a number": b"3",
    "text": b'"name"',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "unclosed lists": b"[" * 100_000,
    "a long number": b'{"name": ' + b"1" * 10_000 + b"}",
}


def test_a_body_that_is_no_object_is_refused_everywhere(app, as_alma, world):
    found = {
        (call.endpoint, kind): send(as_alma, call, body).status_code
        for call in api_calls(app, world)
        for kind, body in BROKEN.items()
    }

    assert {one: status for one, status in found.items() if status not in {400, 422}} == {}


def test_json_ends_where_it_says(app, as_alma, world):
    found = {call.endpoint: send(as_alma, call, b" " * (LARGEST + 1)).status_code for call in api_calls(app, world)}

    assert set(found.values()) == {413}


@pytest.mark.asvs("1.3.3", "2.2.1", "2.2.2")
def test_no_form_takes_what_is_hostile(app, as_alma, as_ada, world):
    forms = {}
    for browser in (as_alma, as_ada):
        for call in pages_to_read(app, world):
            for form in forms_of(ask(browser, call), call):
                forms.setdefault(form.action, (browser, form))
    found = {}
    for browser, form in forms.values():
        found |= refusals(browser, form)

    assert {one: status for one, status in found.items() if status not in {400, 403, 413, 422, 429}} == {}
    assert len(found) > 60


def forms_of(answer, call):
    """The forms that change something. A draft keeps what is typed: see below."""
    found = Forms(answer.text, call.path).found if answer.mimetype == "text/html" else []
    return [form for form in found if form.method == "POST" and not form.action.startswith("/drafts/")]


def refusals(browser, form):
    """What is answered to hostile text in each field."""
    found = {}
    for name, hostile in tries(form.typed):
        if not any("\ud800" <= one <= "\udfff" or one == "\u2028" for one in hostile):  # see the next tests
            answer = browser.post(form.action, data=form.fields | {name: hostile})
            found[form.action, name, ascii(hostile)[:20]] = answer.status_code
    return found


def test_a_line_break_in_a_form_becomes_a_space_and_half_a_character_never_one(as_alma):
    typed = "identifier=MRN-7&name=Maya%E2%80%A8Holm+%ED%A0%80"

    page = as_alma.post(
        "/patients/new", data=typed, content_type="application/x-www-form-urlencoded", follow_redirects=True
    )

    assert "<bdi>Maya Holm %ED%A0%80</bdi>" in page.text


def test_a_draft_keeps_what_was_typed_and_is_not_issued_with_it(app, as_alma, world):
    path = f"/drafts/{world['draft_id']}"
    found = {}
    for hostile in HOSTILE[:-1]:
        if not any("\ud800" <= one <= "\udfff" or one == "\u2028" for one in hostile):
            form = next(form for form in Forms(as_alma.get(path).text, path).found if "items.0.note" in form.fields)
            saved = as_alma.post(path, data=form.fields | {"items.0.note": hostile, "act": "check"})
            as_alma.post(f"{path}/check", data=form.fields | {"act": "issue"})
            found[ascii(hostile)] = saved.status_code

    assert set(found.values()) == {422}
    assert count(app, IssuedProgram) == 1
