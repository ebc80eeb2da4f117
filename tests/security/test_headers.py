"""What every answer wears, whoever made it and whatever went wrong on the way."""

import re
from dataclasses import replace

import pyotp
import pytest

from app import create_app
from app.clock import now
from app.database import db
from app.policy import SIGN_OUT
from tests.conftest import PASSWORD, TOTP_SECRET, config_for
from tests.security.walking import a_world, ask, calls

OUR_OWN = {"style-src": "'self'", "script-src": "'self'", "img-src": "'self'", "font-src": "'self'"}
POLICY = OUR_OWN | {
    "default-src": "'none'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
WORN = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
UNUSED = {"camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()"}
TELLTALE = {"Access-Control-Allow-Origin", "X-Powered-By", "Server-Timing", "SourceMap"}
FOR_EVERYBODY = {"static", "pages.picture", "pages.movement"}
"""What holds nothing of a clinic."""

REFUSALS = {
    "wrong host": (400, {"path": "/patients", "headers": {"Host": "evil.example"}}),
    "wrong host, file": (400, {"path": "/static/app.css?v=1", "headers": {"Host": "evil.example"}}),
    "wrong host, API": (400, {"path": "/api/v1/patients", "headers": {"Host": "evil.example"}}),
    "asked twice": (400, {"path": "/patients?q=a&q=b"}),
    "forged": (400, {"path": "/patients/new", "method": "POST", "forged": True}),
    "unknown page": (404, {"path": "/nowhere"}),
    "unknown file": (404, {"path": "/static/nothing.css?v=1"}),
    "wrong method": (405, {"path": "/patients", "method": "DELETE"}),
    "wrong method, file": (405, {"path": "/static/app.css", "method": "POST"}),
    "trace": (405, {"path": "/patients", "method": "TRACE"}),
    "options": (405, {"path": "/patients", "method": "OPTIONS"}),
    "large": (413, {"path": "/patients/new", "method": "POST", "data": {"name": "x" * 1_100_000}}),
    "large, API": (413, {"path": "/api/v1/patients", "method": "POST", "json": {"name": "x" * 300_000}}),
    "no JSON": (415, {"path": "/api/v1/patients", "method": "POST", "data": {"name": "x"}}),
}


def faults(answer, endpoint):
    """What an answer lacks, or has too much of."""
    return [f"{name}: {answer.headers.getlist(name)}" for name, is_so in checks(answer, endpoint) if not is_so]


def checks(answer, endpoint):
    """What has to be so, by a name for it."""
    headers = answer.headers
    policy = dict(part.strip().split(" ", 1) for part in headers.get("Content-Security-Policy", "x y").split(";"))
    is_everybodys = endpoint in FOR_EVERYBODY and answer.status_code == 200
    is_text = bool(answer.data) and answer.mimetype in {"text/html", "text/csv"}
    yield "Content-Security-Policy", policy == POLICY
    yield "Permissions-Policy", set(headers.get("Permissions-Policy", "").split(", ")) >= UNUSED
    yield "Cache-Control", is_everybodys or headers.getlist("Cache-Control") == ["no-store"]
    yield "Vary", is_everybodys or "cookie" in headers.get("Vary", "").lower()
    yield "Content-Type", not is_text or answer.content_type.endswith("; charset=utf-8")
    yield from ((name, headers.getlist(name) == [value]) for name, value in WORN.items())
    yield "Server-Timing and the like", TELLTALE.isdisjoint(headers.keys())


@pytest.fixture
def world(app, alma):
    """Something of each kind, so that pages have what to show."""
    with app.app_context():
        return a_world(alma)


def ends_the_session(call):
    """To sort by: reading first, signing out last."""
    return call.changes, call.endpoint == SIGN_OUT


@pytest.mark.asvs("3.4.2", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.4.8", "4.1.1", "14.2.2", "14.3.2")
@pytest.mark.parametrize("who", ["as_alma", "as_sten", "as_ada", "anonymous"])
def test_whatever_anybody_asks_for_the_answer_is_dressed(app, request, world, who):
    browser = request.getfixturevalue(who)
    found, statuses = {}, set()

    for call in sorted([*calls(app, world), *calls(app)], key=ends_the_session):
        body = {"json": {}} if call.is_api and call.changes else {}
        answer = ask(browser, call, **body)
        statuses.add(answer.status_code)
        for fault in faults(answer, call.endpoint):
            found[call.method, call.path, answer.status_code] = fault

    assert found == {}
    assert statuses >= ({200, 303, 401} if who == "anonymous" else {200, 303, 404})


@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.6")
def test_a_refusal_is_dressed_as_well(as_alma):
    found = {}
    for refusal, (status, asked) in REFUSALS.items():
        answer = as_alma.open(**asked)
        wrong = list(faults(answer, ""))
        if wrong or answer.status_code != status:
            found[refusal] = answer.status_code, wrong

    assert found == {}


@pytest.mark.asvs("3.4.3", "3.4.4", "3.4.6")
def test_a_fault_of_ours_is_dressed_as_well(app, as_alma):
    app.view_functions["pages.patients"] = lambda: 1 / 0

    assert list(faults(as_alma.get("/patients"), "")) == []


@pytest.mark.own_app
def test_a_fault_in_the_last_steps_is_dressed_as_well(app, as_alma):
    def fail(_response):
        raise ZeroDivisionError

    app.after_request_funcs.setdefault(None, []).append(fail)

    answer = as_alma.get("/patients")

    assert answer.status_code == 500
    assert list(faults(answer, "")) == []


@pytest.mark.asvs("13.4.4")
def test_trace_gives_back_nothing_of_what_was_sent(as_alma):
    answer = as_alma.open("/patients", method="TRACE", headers={"X-Secret": "do-not-echo"})

    assert "do-not-echo" not in answer.text + str(answer.headers)


@pytest.fixture
def secure(url):
    """The service as it stands behind https."""
    app = create_app(replace(config_for(url), secure_cookies=True))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.mark.asvs("3.4.1", "12.2.1")
def test_behind_https_every_answer_asks_for_https_for_a_year(secure):
    browser = secure.test_client()
    asked = {call.path: ask(browser, call, base_url="https://localhost") for call in calls(secure)}

    found = {path: answer.headers.getlist("Strict-Transport-Security") for path, answer in asked.items()}

    assert {path: one for path, one in found.items() if one != ["max-age=31536000; includeSubDomains"]} == {}


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
def test_behind_https_every_cookie_is_bound_to_this_very_host(secure):
    browser = secure.test_client()
    answers = [ask(browser, call, base_url="https://localhost") for call in calls(secure)]
    proof = {"email": "alma@clinic.example", "password": PASSWORD, "code": pyotp.TOTP(TOTP_SECRET).at(now())}
    for step in ("/sign-in", "/sign-in/second-factor"):
        form = browser.get(step, base_url="https://localhost").text
        token = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', form)[-1]}
        answers.append(browser.post(step, data=proof | token, base_url="https://localhost"))

    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]

    assert {cookie.partition("=")[0] for cookie in cookies} >= {"__Host-holdwell", "__Host-holdwell-device"}
    for cookie in cookies:
        parts = {part.strip().split("=")[0].lower(): part for part in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-")
        assert parts.keys() >= {"secure", "httponly", "path", "samesite"}
        assert "domain" not in parts
        assert parts["path"].strip() == "Path=/"


@pytest.mark.asvs("4.1.3", "15.3.4")
def test_what_a_proxy_might_have_been_told_is_not_believed(as_alma):
    forwarded = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "192.0.2.1",
        "Forwarded": "host=evil.example;proto=https",
        "X-Original-URL": "/history",
        "X-Rewrite-URL": "/history",
        "X-Forwarded-Prefix": "/evil",
    }

    assert as_alma.get("/", headers=forwarded).headers["Location"] == "/patients"
    assert "evil" not in as_alma.get("/patients", headers=forwarded).text
