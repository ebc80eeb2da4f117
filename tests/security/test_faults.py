"""Whatever breaks, wherever: the same words for everybody, a number for the log, and nothing of ours in either."""

import logging
import re

import pytest
from jinja2 import DictLoader
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from app.models import Base, IssuedProgram
from tests.browsing import without_form_token
from tests.builders import a_file, a_key, a_screening_document
from tests.records import change, stored
from tests.security.walking import a_world, ask, calls

SECRET_TEXT = "SELECT name FROM patient WHERE id = 'Maya Holm' /srv/holdwell/app"
TELLTALE = re.compile(
    r"Traceback|SELECT|INSERT|UPDATE |sqlite|psycopg|sqlalchemy|jinja2|werkzeug|Flask|gunicorn|Python|/app/|\.py\b|"
    r"no such table|does not exist|/srv|Maya Holm|\w+Error\b",
)
NUMBER = re.compile(r"\w{8}-\w{4}-\w{4}-\w{4}-\w{12}")
LOOKED_AT = {"auth_session", "rate_counter"}
"""What even a request that fails may touch: when somebody was last seen, and how often."""
MISSED = ("patient", "draft", "issued_program", "audit_event", "audit_head", "user_account", "auth_session", "clinic")
"""Tables whose loss hits every part of the service."""


@pytest.fixture
def world(app, alma):
    """Something of each kind."""
    with app.app_context():
        return a_world(alma)


def numbered(answer):
    """The body without its numbers, of which the form token changes with the time; or what must not be there."""
    return TELLTALE.findall(answer.text) or NUMBER.sub("N", without_form_token(answer.text))


def by_harm(app, world):
    """Reading first: a change may end the session."""
    return sorted(calls(app, world), key=lambda call: call.changes)


def faults_of(caplog):
    """What was logged as a fault."""
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.asvs("16.3.4", "16.5.1")
def test_a_fault_in_any_view_says_the_same_and_is_logged_once(app, as_alma, world, caplog):
    def fail(**_):
        raise RuntimeError(SECRET_TEXT)

    pages, problems, logged = set(), set(), {}
    for call in calls(app, world):
        app.view_functions[call.endpoint] = fail
    for call in calls(app, world):
        caplog.clear()
        answer = ask(as_alma, call)
        if answer.status_code == 500:
            (problems if call.is_api else pages).add(str(numbered(answer)))
            logged[call.path] = len(faults_of(caplog)), bool(NUMBER.search(answer.text))

    assert len(pages) == len(problems) == 1, (pages, problems)
    assert "[" not in pages.pop()[:1] + problems.pop()[:1]
    assert len(logged) > 30
    assert set(logged.values()) == {(1, True)}


@pytest.mark.asvs("16.5.1", "16.5.3")
@pytest.mark.parametrize("table", MISSED)
def test_without_a_table_nothing_leaks_and_nothing_is_half_done(app, as_alma, world, table):
    change(app, text(f"ALTER TABLE {table} RENAME TO gone"))
    before = rows(app, but={table, *LOOKED_AT})

    answers = [ask(as_alma, call, **({"json": {}} if call.is_api else {})) for call in by_harm(app, world)]
    broken = [answer for answer in answers if answer.status_code >= 500]

    said = {str(numbered(answer)) for answer in broken}
    assert broken
    assert len(said) <= 6  # page or problem, signed in or not, 500 or 503
    assert not [one for one in said if one.startswith("[")]
    if table in {"audit_event", "audit_head"}:
        assert rows(app, but={table, *LOOKED_AT}) == before


def rows(app, *, but):
    """All that the database holds."""
    tables = [table for name, table in Base.metadata.tables.items() if name not in but]
    return {table.name: stored(app, select(table).order_by(*table.primary_key)) for table in tables}


def fail(*_, **__):
    raise RuntimeError(SECRET_TEXT)


def fail_at_the_commit(session):
    """The last moment of a transaction that issues something."""
    if any(isinstance(row, IssuedProgram) for row in session.identity_map.values()):
        fail()


LAYERS = (
    "app.services.programs.program_file.read",
    "app.services.issuing.check",
    "app.services.issuing.print_handout",
    "app.services.issuing.screenings.newest",
    "app.services.issuing.care_team.join",
    "app.services.issuing.audit.record",
)
"""From the file that comes in to the last row that is written."""


def test_a_fault_in_any_layer_undoes_the_act_and_is_logged_once(app, as_alma, world, caplog):
    before, said, logged = rows(app, but=LOOKED_AT), set(), {}
    body = a_file(patient_id=world["patient_id"], screening=a_screening_document(equipment=["strap"]))
    for layer in (*LAYERS, "the commit"):
        caplog.clear()
        with pytest.MonkeyPatch.context() as patch:
            if layer in LAYERS:
                patch.setattr(layer, fail)
            else:
                event.listen(Session, "before_commit", fail_at_the_commit)
            answer = as_alma.post("/api/v1/programs", json=body, headers={"Idempotency-Key": a_key()})
        said.add((answer.status_code, str(numbered(answer))))
        logged[layer] = [record.facts["request"] for record in faults_of(caplog)] == [answer.json["request"]]
    event.remove(Session, "before_commit", fail_at_the_commit)

    assert len(said) == 1
    assert said.pop()[0] == 500
    assert rows(app, but=LOOKED_AT) == before
    assert logged == dict.fromkeys((*LAYERS, "the commit"), True)
    issued = as_alma.post("/api/v1/programs", json=body, headers={"Idempotency-Key": a_key()})
    assert issued.status_code == 201


@pytest.mark.asvs("16.5.4")
@pytest.mark.own_app
@pytest.mark.parametrize("hook", ["before", "after", "template", "filter"])
def test_a_fault_in_a_hook_or_a_template_says_no_more(app, as_alma, hook, caplog):
    def fail(*_, **__):
        raise RuntimeError(SECRET_TEXT)

    if hook == "template":
        app.jinja_env.loader = DictLoader({})
        app.jinja_env.cache.clear()
    elif hook == "filter":
        app.jinja_env.filters["count"] = fail
        app.jinja_env.globals["url_for"] = fail
        app.jinja_env.cache.clear()
    else:
        hooks = {"before": app.before_request_funcs, "after": app.after_request_funcs}[hook]
        hooks.setdefault(None, []).append(fail)

    answer = as_alma.get("/patients")

    assert answer.status_code == 500
    assert TELLTALE.findall(answer.text) == []
    assert "Something went wrong on our side. Nothing was changed." in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert 1 <= len(faults_of(caplog)) <= 3


def test_a_fault_has_its_number_in_the_answer_and_in_the_log(app, as_alma, caplog):
    app.view_functions["api.catalogue"] = lambda: 1 / 0

    answer = as_alma.get("/api/v1/catalogue")

    (fault,) = faults_of(caplog)
    assert answer.json["request"] == fault.facts["request"]
