"""One's own account: what opens it, and how to close what should not be open."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.models import ApiToken, AuditEvent, AuthSession, Role, User
from app.policy import Scope, scopes_for
from app.services import api_tokens
from tests.builders import STRANGER_ID, an_api_token
from tests.conftest import PASSWORD, signed_in
from tests.records import change, column

TOKEN = re.compile(r">(hw_[^<]+)</code>")
FORM = {"name": "Booking system", "scopes.0": "patients:read", "days": "30"}
TOKENS, PATIENTS = "/account/tokens/new", "/api/v1/patients"


def make_token(browser, **changes):
    answer = browser.post(TOKENS, data=FORM | changes)
    found = TOKEN.search(answer.text)
    return answer, found[1] if found else None


def call(app, token, path=PATIENTS):
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def make_stale(app):
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))


def be(app, user, roles):
    change(app, update(User).where(User.id == user.id).values(roles_text=",".join(roles)))


def test_an_account_shows_the_person_and_what_opens_it(as_alma):
    page = as_alma.get("/account").text

    for words in (
        "Alma Reyes",
        "alma@clinic.example",
        "Therapist",
        "Authenticator app",
        "0 codes left",
        "You have none.",
    ):
        assert words in page
    assert "Your clinic requires one." in page


@pytest.mark.parametrize(
    "address", ["/account/password", "/account/app", "/account/recovery-codes", "/account/passkeys/new", TOKENS]
)
def test_an_account_leads_to_what_can_be_changed(as_alma, address):
    assert f'href="{address}"' in as_alma.get("/account").text
    assert as_alma.get(address).status_code == 200


def test_ones_name_leads_to_the_account(as_alma):
    assert '<a href="/account"><bdi>Alma Reyes</bdi></a>' in as_alma.get("/catalogue").text


@pytest.mark.parametrize("who", ["as_alma", "as_sten", "as_ada", "as_ines"])
def test_everybody_has_an_account(request, who):
    assert request.getfixturevalue(who).get("/account").status_code == 200


def test_the_sign_in_that_is_looking_is_marked_and_has_no_end_button(app, alma, as_alma):
    alone = as_alma.get("/account").text
    signed_in(app, alma)
    page = as_alma.get("/account").text

    assert alone.count("This one") == page.count("This one") == 1
    assert (alone.count("/end"), page.count("/end")) == (0, 2)
    assert "End all others" in page


@pytest.mark.asvs("7.5.2")
def test_another_sign_in_is_ended(app, alma, as_alma):
    elsewhere = signed_in(app, alma)
    address = re.search(r'action="(/account/sessions/[^"]+/end)"', as_alma.get("/account").text)[1]

    answer = as_alma.post(address)

    assert answer.location == "/account"
    assert elsewhere.get("/patients").location.startswith("/sign-in")
    assert as_alma.get("/patients").status_code == 200


def test_all_others_are_ended(app, alma, as_alma):
    others = [signed_in(app, alma), signed_in(app, alma)]

    as_alma.post("/account/sessions/end-others")

    assert [one.get("/patients").status_code for one in others] == [303, 303]
    assert as_alma.get("/patients").status_code == 200


@pytest.mark.parametrize("who", ["as_sten", "as_ada", "as_boris"])
def test_somebody_elses_sign_in_is_as_if_it_were_not_there(request, app, as_alma, who):
    session_id = column(app, select(AuthSession.id))[0]
    other = request.getfixturevalue(who)

    answers = [other.post(f"/account/sessions/{one}/end").status_code for one in (session_id, STRANGER_ID, "any")]

    assert answers == [404, 404, 404]
    assert as_alma.get("/patients").status_code == 200


def test_a_token_is_shown_once_and_works(app, as_alma):
    answer, token = make_token(as_alma)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert call(app, token) == 200
    page = as_alma.get("/account").text
    assert "Booking system" in page
    assert "Read patients" in page
    assert token not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Say what the token is for."),
        ({"scopes.0": ""}, "Your role does not include all of this."),
        ({"scopes.0": "everything"}, "Your role does not include all of this."),
        ({"days": ""}, "Choose 1 to 366 days."),
        ({"days": "0"}, "Choose 1 to 366 days."),
        ({"days": "1e2"}, "Choose 1 to 366 days."),
        ({"days": "٣"}, "Choose 1 to 366 days."),
    ],
    ids=str,
)
def test_a_token_is_refused_in_words_beside_its_field(app, as_alma, changes, sentence):
    answer, token = make_token(as_alma, **changes)

    assert (answer.status_code, token) == (422, None)
    assert sentence in answer.text
    assert column(app, select(ApiToken.id)) == []


def test_a_token_without_anything_ticked_is_refused(as_alma):
    answer = as_alma.post(TOKENS, data={"name": "Import", "days": "1"})

    assert answer.status_code == 422
    assert "Choose what the token may do." in answer.text


def test_what_was_typed_is_shown_again(as_alma):
    page = as_alma.post(TOKENS, data=FORM | {"days": "999", "name": 'An "import"'}).text

    assert html.escape('An "import"').replace("&quot;", "&#34;") in page
    assert 'value="999"' in page
    assert re.search(r'value="patients:read" checked', page)


@pytest.mark.parametrize(
    ("roles", "offered"),
    [
        ({Role.THERAPIST}, set(Scope)),
        ({Role.STAFF}, set(Scope) - {Scope.PROGRAMS_WRITE}),
        ({Role.ADMINISTRATOR}, {Scope.CATALOGUE_READ}),
        ({Role.ADMINISTRATOR, Role.STAFF}, set(Scope) - {Scope.PROGRAMS_WRITE}),
        ({Role.AUDITOR}, {Scope.CATALOGUE_READ, Scope.PATIENTS_READ, Scope.PROGRAMS_READ}),
    ],
    ids=["therapist", "staff", "administrator", "both", "auditor"],
)
def test_a_token_can_be_made_for_what_the_roles_include(app, alma, as_alma, roles, offered):
    be(app, alma, sorted(roles))

    page = as_alma.get(TOKENS).text

    assert set(scopes_for(frozenset(roles))) == offered
    assert set(re.findall(r'type="checkbox"[^>]* value="([^"]+)"', page)) == offered


def test_staff_make_no_token_that_issues(as_sten):
    answer, token = make_token(as_sten, **{"scopes.0": "programs:write"})

    assert (answer.status_code, token) == (422, None)


@pytest.mark.asvs("6.3.4", "7.5.3")
def test_a_token_is_made_only_after_a_fresh_proof(app, as_alma):
    make_stale(app)

    assert as_alma.get(TOKENS).location.startswith("/prove")
    assert make_token(as_alma)[0].status_code == 403
    assert column(app, select(ApiToken.id)) == []


def test_a_revoked_token_is_refused_at_the_next_request(app, as_alma):
    _, token = make_token(as_alma)
    before = call(app, token)
    token_id = column(app, select(ApiToken.id))[0]

    answer = as_alma.post(f"/account/tokens/{token_id}/revoke")

    assert answer.location == "/account"
    assert (before, call(app, token)) == (200, 401)
    assert as_alma.post(f"/account/tokens/{token_id}/revoke").status_code == 404


@pytest.mark.parametrize("who", ["as_sten", "as_ada", "as_boris"])
def test_somebody_elses_token_is_as_if_it_were_not_there(request, app, as_alma, who):
    _, token = make_token(as_alma)
    token_id, other = column(app, select(ApiToken.id))[0], request.getfixturevalue(who)

    answers = [other.post(f"/account/tokens/{one}/revoke").status_code for one in (token_id, STRANGER_ID, "any")]

    assert answers == [404, 404, 404]
    assert call(app, token) == 200


def test_a_token_opens_no_page_and_makes_no_token(app, as_alma):
    _, token = make_token(as_alma)
    program, headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    for path in ("/patients", "/account", TOKENS, "/session"):
        assert program.get(path, headers=headers).location.startswith("/sign-in")
    assert program.post(TOKENS, data=FORM, headers=headers).location.startswith("/sign-in")
    assert len(column(app, select(ApiToken.id))) == 1


def test_a_token_that_runs_out_is_refused_at_the_next_request(app, as_alma):
    _, token = make_token(as_alma)
    change(app, update(ApiToken).values(expires_at=now()))

    assert call(app, token) == 401
    assert "Booking system" not in as_alma.get("/account").text


def test_a_token_is_refused_once_its_user_is_disabled_or_something_else(app, alma, as_alma):
    _, token = make_token(as_alma)
    be(app, alma, ["administrator"])
    as_administrator = call(app, token)
    change(app, update(User).where(User.id == alma.id).values(disabled_at=now()))

    assert (as_administrator, call(app, token)) == (403, 401)


def test_the_account_says_when_a_token_was_used(app, alma, as_alma):
    with app.app_context():
        token = api_tokens.add(
            name="Import", scopes=["patients:read"], allowed=["patients:read"], days=1, by=alma, at=now()
        )
    before = as_alma.get("/account").text
    call(app, token)

    assert "Not used yet" in before
    assert "Not used yet" not in as_alma.get("/account").text


def test_every_success_leaves_its_event_once(app, alma, as_alma):
    signed_in(app, alma)
    make_token(as_alma)
    as_alma.post(f"/account/tokens/{column(app, select(ApiToken.id))[0]}/revoke")
    as_alma.post("/account/sessions/end-others")

    found = column(app, select(AuditEvent.action).where(AuditEvent.actor_id == alma.id).order_by(AuditEvent.n))
    assert [one for one in found if one.startswith(("token.", "session.r"))] == [
        "token.added",
        "token.revoked",
        "session.revoked",
    ]


def test_a_new_password_says_which_tokens_go_on_working(app, alma, as_alma):
    form = {"current": PASSWORD, "new": "kettle marsh ribbon owl", "again": "kettle marsh ribbon owl"}
    with app.app_context():
        an_api_token(alma)

    page = as_alma.post("/account/password", data=form, follow_redirects=True).text

    assert "1 API token of yours goes on working." in page
    assert '<a href="#tokens">' in page
