"""A stolen cookie is worth nothing once its session has ended, whatever ended it, on whichever route it is tried."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.clock import now
from app.config import ROOT
from app.models import AuthSession, User
from app.models.user import Role
from app.policy import POLICY, Public, rule_for
from app.services import accounts, own_account, own_factors, resets, rights, second_factor
from app.services.sessions import IDLE
from tests.builders import a_sign_in
from tests.conftest import PASSWORD, TOTP_SECRET
from tests.records import change, column
from tests.security.walking import Call, access, ask, calls

NEW = "kettle marsh ribbon owl"
SESSIONS, USERS = AuthSession.__table__, User.__table__
COOKIE = "holdwell"
HOSTILE = {"skip_timeout_reset", "keep_alive", "poll", "token", "session", "user_id", "auth", "admin"}
"""Names by which other systems let themselves be talked out of a time limit (CVE-2026-25476, for one)."""
HEADERS = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-User": "alma@clinic.example",
    "X-Remote-User": "alma@clinic.example",
    "X-Requested-With": "XMLHttpRequest",
    "Sec-Fetch-Site": "same-origin",
    "Purpose": "prefetch",
}
READ = (
    r"""request\.\w+(?:\.get|\.getlist)?[\[(]["'](\w+)["']""",
    r"""texts?\(\w+, ["'](\w+)["']""",
    r"""["'](\w+)["'] in request\.args""",
    r"""(?m)^ +(\w+) = fields\.""",
)
"""How the code asks for a field of an address, a form or a body."""


@cache
def parameters() -> list[str]:
    """Every name that a page or the API reads from an address or a form, and what others have been fooled with."""
    sources = "".join(path.read_text() for path in sorted((ROOT / "app").rglob("*.py")))
    return sorted({name for pattern in READ for name in re.findall(pattern, sources)} | HOSTILE)


def with_everything(call: Call) -> Call:
    return replace(call, path=f"{call.path}?{'&'.join(f'{name}=1' for name in parameters())}")


def holding(app: Flask, token: str) -> FlaskClient:
    browser = app.test_client()
    browser.set_cookie(COOKIE, token)
    return browser


def is_refused(answer) -> bool:
    return answer.status_code == 401 or (answer.location or "").startswith("/sign-in")


def let_in(app: Flask, token: str, *, with_parameters: bool = False) -> list[str]:
    """The routes that take the token for somebody's."""
    taken = []
    for call in sorted(calls(app), key=lambda call: call.method):  # else signing out would be among the first
        for one in (call, with_everything(call)) if with_parameters else (call,):
            answer = ask(holding(app, token), one, headers=HEADERS)
            if "Alma" in answer.text or not (isinstance(access(call), Public) or is_refused(answer)):
                taken.append(f"{call.method} {call.path}: {answer.status_code}")
    return taken


@pytest.fixture
def token(app, alma):
    """The cookie that somebody has copied."""
    with app.app_context():
        return a_sign_in(alma)


def set_times(app, **times):
    change(app, SESSIONS.update().values(times))


def signing_out(app, _alma, _ada, token):
    assert holding(app, token).post("/sign-out").status_code == 303


def a_rest(app, _alma, _ada, _token):
    set_times(app, last_seen_at=now() - IDLE)


def a_long_day(app, _alma, _ada, _token):
    set_times(app, expires_at=now())


def a_clock_that_was_set_back(app, _alma, _ada, _token):
    set_times(app, last_seen_at=now() + timedelta(hours=1))


def being_disabled(_app, alma, ada, _token):
    rights.disable(alma.id, by=ada, at=now())


def another_role(_app, alma, ada, _token):
    rights.set_roles(alma.id, roles=[Role.STAFF], by=ada, at=now())


def an_administrator(_app, alma, ada, _token):
    rights.end_sessions(alma.id, by=ada, at=now())


def a_new_password(_app, alma, _ada, _token):
    here = a_sign_in(alma)
    accounts.change_password(here, current=PASSWORD, new=NEW, at=now())


def a_password_reset(_app, alma, ada, _token):
    resets.choose(resets.send(alma.id, by=ada, at=now()).token, password=NEW, at=now())


def a_new_app(_app, alma, _ada, _token):
    at, secret = now(), second_factor.new_secret()
    own_factors.add_app(a_sign_in(alma, at=at), secret, pyotp.TOTP(secret).at(at), at=at)


def new_recovery_codes(_app, alma, _ada, _token):
    own_factors.renew_codes(a_sign_in(alma), at=now())


def a_lost_second_factor(_app, alma, ada, _token):
    resets.forget_second_factor(alma.id, by=ada, at=now())


def the_list_of_sign_ins(_app, alma, _ada, token):
    accounts.revoke_session(accounts.identify(token, at=now()).session.id, by=alma, at=now())


def ending_all_others(_app, alma, _ada, _token):
    here = accounts.identify(a_sign_in(alma), at=now()).session
    own_account.end_others(here.id, by=alma, at=now())


def a_new_proof(_app, _alma, _ada, token):
    accounts.prove(token, password=PASSWORD, at=now())


BY_TIME = [a_rest, a_long_day, a_clock_that_was_set_back]
"""What somebody could be talked out of."""
ENDS = [
    *BY_TIME,
    signing_out,
    being_disabled,
    another_role,
    an_administrator,
    a_new_password,
    a_password_reset,
    a_new_app,
    new_recovery_codes,
    a_lost_second_factor,
    the_list_of_sign_ins,
    ending_all_others,
    a_new_proof,
]


@pytest.mark.asvs("7.2.1", "7.2.4", "7.3.1", "7.3.2", "7.4.1", "7.4.2", "7.4.3")
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_copied_cookie_opens_no_route_after(app, alma, ada, token, end):
    if end is signing_out:
        end(app, alma, ada, token)
    else:
        with app.app_context():
            end(app, alma, ada, token)

    assert let_in(app, token, with_parameters=end in BY_TIME) == []


def test_before_that_it_opens_most(app, token):
    assert len([one for one in let_in(app, token) if one.startswith("GET")]) > 20


def test_the_walk_tries_what_the_code_reads():
    assert {"next", "kept", "recovery", "page", "code", "password", "skip_timeout_reset"} <= set(parameters())


def test_an_api_token_of_another_clinic_or_session_is_nobodys(app, alma, boris, token):
    forged = token.replace(alma.clinic_id, boris.clinic_id)

    assert let_in(app, forged) == []


def test_asking_how_long_it_lasts_prolongs_nothing(app, token):
    seen = now() - timedelta(minutes=14)
    set_times(app, last_seen_at=seen)
    quiet = [call for call in calls(app) if rule_for(call.endpoint, call.method).is_quiet]
    for call in quiet:
        for one in (call, with_everything(call)):
            ask(holding(app, token), one, headers=HEADERS)

    assert quiet
    assert column(app, SESSIONS.select().with_only_columns(SESSIONS.c.last_seen_at)) == [seen]


def test_what_is_not_there_and_what_is_open_to_everybody_prolongs_nothing(app, token):
    seen = now() - timedelta(minutes=14)
    set_times(app, last_seen_at=seen)
    for path in ("/nowhere", "/api/v1/nowhere", "/static/app.css", "/favicon.ico"):
        holding(app, token).get(path).close()

    assert column(app, SESSIONS.select().with_only_columns(SESSIONS.c.last_seen_at)) == [seen]


def test_a_forged_request_prolongs_nothing(app, token):
    seen = now() - timedelta(minutes=14)
    set_times(app, last_seen_at=seen)
    for call in calls(app):
        if call.changes and not isinstance(access(call), Public):
            ask(holding(app, token), call, forged=True)
            ask(holding(app, token), call, headers={"Sec-Fetch-Site": "cross-site"})

    assert column(app, SESSIONS.select().with_only_columns(SESSIONS.c.last_seen_at)) == [seen]


def test_what_a_role_does_not_include_prolongs_nothing(app, token):
    seen = now() - timedelta(minutes=14)
    set_times(app, last_seen_at=seen)

    assert holding(app, token).get("/people").status_code == 403
    assert column(app, SESSIONS.select().with_only_columns(SESSIONS.c.last_seen_at)) == [seen]


@pytest.mark.asvs("6.3.3", "6.3.4")
def test_half_a_session_opens_only_the_second_step(app, alma):
    with app.app_context():
        half = accounts.sign_in(email=alma.email, password=PASSWORD, at=now()).token
    opened = set()
    for call in calls(app):
        if not isinstance(access(call), Public):
            answer = ask(holding(app, half), call, headers=HEADERS)
            if not is_refused(answer):
                opened.add((call.endpoint, call.method))

    early = {row for row, rule in POLICY.items() if rule.is_early}
    assert opened <= early
    assert early <= {
        *(
            (f"pages.{name}", method)
            for name in ("second_factor", "enrol_totp", "add_passkey")
            for method in ("GET", "POST")
        ),
        *((f"pages.{name}", "POST") for name in ("passkey_options", "passkey_challenge", "second_factor_passkey")),
    }


def test_half_a_session_sees_nobodys_name(app, alma):
    with app.app_context():
        half = accounts.sign_in(email=alma.email, password=PASSWORD, at=now()).token
    pages = [ask(holding(app, half), call) for call in calls(app) if call.method == "GET" and call.endpoint != "static"]

    assert [page.request.path for page in pages if "Alma" in page.text] == []


@pytest.mark.asvs("7.2.2", "7.2.4")
def test_a_cookie_from_before_the_sign_in_is_worth_nothing_after_it(app, alma, boris):
    browser = app.test_client()
    with app.app_context():
        planted = a_sign_in(boris)
    browser.set_cookie(COOKIE, planted)

    browser.post("/sign-in", data={"email": alma.email, "password": PASSWORD})
    half = browser.get_cookie(COOKIE).value
    browser.post("/sign-in/second-factor", data={"code": pyotp.TOTP(TOTP_SECRET).at(now())})
    whole = browser.get_cookie(COOKIE).value

    assert len({planted, half, whole}) == 3
    assert [holding(app, one).get("/account").status_code for one in (planted, half, whole)] == [303, 303, 200]
