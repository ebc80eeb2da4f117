"""The walls at the edge: sessions, forged requests, hosts, headers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app import create_app
from app.clock import now
from app.database import db, unit_of_work
from app.models import AuthSession, Role, User
from app.policy import POLICY, PUBLIC, access_to
from app.services import accounts
from tests.builders import STRANGER_ID, a_sign_in, an_api_token
from tests.conftest import config_for
from tests.records import change, column

PATIENTS = "/api/v1/patients"
NEW = {"name": "Maya Holm", "identifier": "M1"}


@pytest.fixture
def token(app, alma):
    """An API token of Alma's."""
    with app.app_context():
        return an_api_token(alma)


@pytest.fixture
def secure_app(url):
    """The service as it stands behind https."""
    app = create_app(replace(config_for(url), secure_cookies=True))
    yield app
    with app.app_context():
        db.engine.dispose()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def age_all_sessions(app: Flask, by: timedelta) -> None:
    change(app, update(AuthSession).values(last_seen_at=now() - by))


def test_a_signed_in_browser_is_let_in(as_alma):
    assert as_alma.get(PATIENTS).status_code == 200


def test_an_idle_session_is_out(app, as_alma):
    age_all_sessions(app, timedelta(minutes=16))

    assert as_alma.get(PATIENTS).status_code == 401


def test_a_cookie_that_was_stolen_before_signing_out_is_worthless(app, as_alma):
    stolen = as_alma.get_cookie("holdwell").value
    with app.app_context():
        accounts.sign_out(stolen, at=now())
    thief = app.test_client()
    thief.set_cookie("holdwell", stolen)

    assert thief.get(PATIENTS).status_code == 401


def test_a_disabled_person_is_out_with_the_next_request(app, alma, as_alma):
    assert as_alma.get(PATIENTS).status_code == 200
    with app.app_context(), unit_of_work(alma.clinic_id) as session:
        session.get_one(User, alma.id).disabled_at = now()

    assert as_alma.get(PATIENTS).status_code == 401


@pytest.mark.asvs("8.3.2")
def test_a_changed_role_counts_with_the_next_request(app, alma, as_alma):
    assert as_alma.post("/api/v1/programs", json={}).status_code == 422
    with app.app_context(), unit_of_work(alma.clinic_id) as session:
        session.get_one(User, alma.id).roles = [Role.STAFF]

    assert as_alma.post("/api/v1/programs", json={}).status_code == 403


@pytest.mark.asvs("7.2.1")
def test_flasks_own_cookie_identifies_nobody(anonymous, alma):
    with anonymous.session_transaction() as session:
        session["user_id"] = session["_user_id"] = alma.id

    assert anonymous.get(PATIENTS).status_code == 401


def test_all_cookies_that_were_stolen_before_signing_out_are_worthless(app, as_alma):
    assert as_alma.get(PATIENTS).status_code == 200
    as_alma.get("/account")
    names = ("holdwell", app.config["SESSION_COOKIE_NAME"])
    stolen = {name: as_alma.get_cookie(name).value for name in names}

    assert as_alma.post("/sign-out").status_code == 303

    thief = app.test_client()
    for name, value in stolen.items():
        thief.set_cookie(name, value)
    assert thief.get(PATIENTS).status_code == 401
    assert thief.get("/account").location.startswith("/sign-in")


def test_a_token_is_let_in(anonymous, token):
    assert anonymous.get(PATIENTS, headers=bearer(token)).status_code == 200


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "x" * 5000])
def test_a_made_up_authorization_is_not(anonymous, authorization):
    assert anonymous.get(PATIENTS, headers={"Authorization": authorization}).status_code == 401


def test_with_a_wrong_token_the_cookie_counts_for_nothing(as_alma):
    assert as_alma.get(PATIENTS, headers=bearer("nonsense")).status_code == 401


def test_a_browser_needs_the_form_token(as_alma):
    assert as_alma.post(PATIENTS, json=NEW, forged=True).status_code == 400
    assert as_alma.post(PATIENTS, json=NEW).status_code == 201


def test_an_api_token_needs_no_form_token(anonymous, token):
    assert anonymous.post(PATIENTS, json=NEW, headers=bearer(token), forged=True).status_code == 201


def test_an_authorization_header_does_not_excuse_a_page_from_its_form_token(app, as_alma, token):
    posts = [
        rule
        for rule in app.url_map.iter_rules()
        if (access := access_to(rule.endpoint, "POST")) is PUBLIC or Role.THERAPIST in access
        if rule.endpoint.startswith("pages.") and "POST" in rule.methods
    ]
    paths = [app.url_map.bind("localhost").build(r.endpoint, dict.fromkeys(r.arguments, STRANGER_ID)) for r in posts]

    answers = {path: as_alma.post(path, headers=bearer(token), forged=True).status_code for path in paths}

    assert set(answers.values()) <= {400}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_what_another_site_sends_is_refused_even_with_the_form_token(as_alma, site):
    assert as_alma.post(PATIENTS, json=NEW, headers={"Sec-Fetch-Site": site}).status_code == 400


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_our_own_page_sends_is_taken(as_alma, site):
    assert as_alma.post(PATIENTS, json=NEW, headers={"Sec-Fetch-Site": site}).status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", ""])
def test_only_our_own_names_are_answered_to(as_alma, host):
    assert as_alma.get(PATIENTS, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("path", ["/sign-in", "/patients", "/nowhere", "/static/app.css"])
def test_a_page_under_another_name_says_so_plainly_and_is_dressed(as_alma, path):
    answer = as_alma.get(path, headers={"Host": "evil.example"})

    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "does not answer to the name in this address" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Alma" not in answer.text


def test_a_method_cannot_be_overridden(as_alma):
    as_alma.get(PATIENTS, headers={"X-HTTP-Method-Override": "POST"}, json=NEW)

    assert as_alma.get(PATIENTS).json["total"] == 0


@pytest.mark.asvs("3.4.2")
def test_nobody_is_told_what_other_origins_may_do(as_alma):
    answer = as_alma.options(PATIENTS, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 405
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.asvs("5.2.1")
def test_a_body_has_an_end(as_alma):
    assert as_alma.post(PATIENTS, json=NEW | {"name": "x" * 3_000_000}).status_code == 413


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", PATIENTS, "/api/v1/nowhere", "/api/v1/openapi.json", "/static/nothing.css", "/sign-in"]
)
def test_every_answer_is_dressed(as_alma, path):
    headers = as_alma.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.asvs("14.2.2", "14.3.2")
@pytest.mark.parametrize("path", ["/nowhere", PATIENTS, f"{PATIENTS}/{STRANGER_ID}", "/"])
def test_no_answer_with_a_sign_in_is_kept_by_a_cache(as_alma, path):
    headers = as_alma.get(path).headers

    assert headers["Cache-Control"] == "no-store"
    assert "Cookie" in headers["Vary"]


def test_behind_https_the_cookie_is_bound_to_this_very_host(secure_app, alma):
    browser = secure_app.test_client()
    with secure_app.app_context():
        token = a_sign_in(alma)
    browser.set_cookie("__Host-holdwell", token, secure=True)

    assert browser.get(PATIENTS, base_url="https://localhost").status_code == 200
    assert "max-age" in browser.get(PATIENTS, base_url="https://localhost").headers["Strict-Transport-Security"]


def test_behind_https_a_cookie_without_the_prefix_is_nobodys(secure_app, alma):
    browser = secure_app.test_client()
    with secure_app.app_context():
        browser.set_cookie("holdwell", a_sign_in(alma))

    assert browser.get(PATIENTS, base_url="https://localhost").status_code == 401


def test_looking_changes_nothing_but_the_trail(app, as_alma):
    def rows():
        changing = {"audit_event", "audit_head", "auth_session", "rate_counter"}
        tables = [table for name, table in db.metadata.tables.items() if name not in changing]
        return [column(app, select(func.count()).select_from(table)) for table in tables]

    before = rows()
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and POLICY[rule.endpoint, "GET"].access is not PUBLIC:
            as_alma.get(app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, STRANGER_ID)))

    assert rows() == before
