"""The pages of passkeys: forms whose answer a key signed, and what stands between them and a stranger."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.models import AuditEvent, AuthSession, Passkey, User
from tests.authenticator import Authenticator
from tests.builders import STRANGER_ID
from tests.conftest import PASSWORD
from tests.records import change, column

ORIGIN, RP_ID = "http://localhost", "localhost"


@pytest.fixture
def key():
    return Authenticator(ORIGIN, RP_ID)


def add(browser, key, *, name="Blue key"):
    """Adds the key to the account of whoever is signed in."""
    options = browser.post("/account/passkeys/options").json
    return browser.post("/account/passkeys/new", data={"name": name, "credential": json.dumps(key.made(options))})


def give_password(browser, who="alma", **fields):
    return browser.post("/sign-in", data={"email": f"{who}@clinic.example", "password": PASSWORD} | fields)


def sign(browser, key, address="/sign-in/passkey", **fields):
    """Answers with what the key signs."""
    options = browser.post("/sign-in/passkey/options").json
    return browser.post(address, data={"credential": json.dumps(key.signed(options))} | fields)


def names(app):
    return column(app, select(Passkey.name).order_by(Passkey.created_at))


@pytest.fixture
def as_new_alma(app, alma, anonymous):
    """Alma's browser, after her password, on the day when she has no second factor yet."""
    change(app, update(User).where(User.id == alma.id).values(totp_secret=None, totp_confirmed_at=None))
    give_password(anonymous)
    return anonymous


def make_stale(app):
    """The last proof of everybody lies a while back."""
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))


def test_a_passkey_is_added_and_listed(app, as_alma, key):
    answer = add(as_alma, key)

    assert (answer.status_code, answer.location) == (303, "/account")
    page = as_alma.get("/account").text
    assert "Passkey: <bdi>Blue key</bdi>" in page
    assert "The passkey is added." in page
    assert names(app) == ["Blue key"]


def test_a_passkey_takes_the_place_of_a_code(as_alma, anonymous, key):
    add(as_alma, key)
    step = give_password(anonymous, next="/history")

    answer = sign(anonymous, key, next="/history")

    assert step.location.startswith("/sign-in/second-factor")
    assert (answer.status_code, answer.location) == (303, "/history")
    assert anonymous.get("/history").status_code == 200


def test_the_second_step_offers_a_passkey_to_who_has_one(as_alma, anonymous, key):
    give_password(anonymous)
    before = anonymous.get("/sign-in/second-factor").text
    add(as_alma, key)
    give_password(anonymous)
    after = anonymous.get("/sign-in/second-factor").text

    assert "Use a passkey" not in before
    assert "passkey.js" not in before
    assert "Use a passkey" in after
    assert 'data-options="/sign-in/passkey/options"' in after


def test_who_has_no_app_is_asked_for_the_passkey_first(as_new_alma, anonymous, key):
    add(as_new_alma, key)
    as_new_alma.post("/sign-out")
    give_password(anonymous)

    page = anonymous.get("/sign-in/second-factor").text

    assert page.index("Use a passkey") < page.index("Recovery code</label>")


def test_before_the_second_step_nothing_else_opens(as_alma, anonymous, key):
    add(as_alma, key)
    give_password(anonymous)

    assert anonymous.get("/patients").location.startswith("/sign-in/second-factor")
    assert anonymous.get("/account").location.startswith("/sign-in/second-factor")
    assert anonymous.post("/account/tokens/new").location.startswith("/sign-in/second-factor")


def test_what_the_key_did_not_sign_opens_nothing(as_alma, anonymous, key):
    add(as_alma, key)
    give_password(anonymous)
    key.origin = "https://evil.example"

    answer = sign(anonymous, key, next="/history")

    assert answer.status_code == 422
    assert "could not be checked" in answer.text
    assert 'name="next" value="/history"' in answer.text
    assert anonymous.get("/patients").status_code == 303


@pytest.mark.parametrize("credential", ["", "no json", "[]", "1", '{"id": 1, "id": 2}', "[" * 5000])
def test_a_form_with_junk_in_it_is_refused_in_a_sentence(as_alma, anonymous, key, credential):
    add(as_alma, key)
    give_password(anonymous)
    anonymous.post("/sign-in/passkey/options")

    answer = anonymous.post("/sign-in/passkey", data={"credential": credential})

    assert answer.status_code == 422
    assert "none of your passkeys" in answer.text


def test_too_many_tries_have_to_wait(as_alma, anonymous, key):
    add(as_alma, key)
    give_password(anonymous)
    for _ in range(10):
        anonymous.post("/sign-in/passkey", data={"credential": "{}"})

    answer = sign(anonymous, key)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_who_has_passed_the_second_step_is_not_asked_again(as_alma, key):
    add(as_alma, key)

    assert sign(as_alma, key).location == "/patients"


def test_passkeys_work_for_the_configured_name_whatever_a_request_says(app, as_alma):
    app.config["BASE_URL"] = "https://holdwell.example"

    options = as_alma.post("/account/passkeys/options", headers={"X-Forwarded-Host": "evil.example"}).json

    assert options["rp"] == {"name": "Holdwell", "id": "holdwell.example"}


def test_a_password_alone_adds_no_passkey_beside_a_factor(app, anonymous):
    give_password(anonymous)

    page = anonymous.get("/account/passkeys/new")
    options = anonymous.post("/account/passkeys/options")
    answer = anonymous.post("/account/passkeys/new", data={"name": "Mine", "credential": "{}"})

    assert page.location == "/sign-in/second-factor"
    assert (options.status_code, answer.status_code) == (403, 403)
    assert names(app) == []


def test_the_first_factor_may_be_a_passkey_and_codes_come_with_it(app, as_new_alma, key):
    page = as_new_alma.get("/account/passkeys/new")
    answer = add(as_new_alma, key)

    assert page.status_code == 200
    assert "Your recovery codes" in answer.text
    assert as_new_alma.get("/patients").status_code == 200
    assert names(app) == ["Blue key"]


@pytest.mark.asvs("7.5.1")
@pytest.mark.parametrize("path", ["/account/passkeys/options", f"/account/passkeys/{STRANGER_ID}/remove"])
def test_factors_change_only_after_a_fresh_proof(app, as_alma, path):
    make_stale(app)

    assert as_alma.post(path).status_code == 403
    assert "Confirm that it is you" in as_alma.post(path).text
    assert as_alma.get("/account/passkeys/new").location.startswith("/prove")


def test_a_passkey_is_a_fresh_proof_and_leads_on(app, as_alma, key):
    add(as_alma, key)
    make_stale(app)

    page = as_alma.get("/prove?next=/account/tokens/new")
    answer = sign(as_alma, key, "/prove/passkey", next="/account/tokens/new")

    assert "Use a passkey" in page.text
    assert answer.location == "/account/tokens/new"
    assert as_alma.get("/account/tokens/new").status_code == 200


def test_a_wrong_passkey_is_no_proof(app, as_alma, key):
    add(as_alma, key)
    make_stale(app)
    key.origin = "https://evil.example"

    answer = sign(as_alma, key, "/prove/passkey", next="/account/tokens/new")

    assert answer.status_code == 422
    assert 'name="next" value="/account/tokens/new"' in answer.text
    assert as_alma.get("/account/tokens/new").location.startswith("/prove")


@pytest.mark.parametrize(
    ("name", "sentence"), [("", "Give the passkey a name"), ("x" * 61, "Has 61 characters; at most 60 fit.")]
)
def test_a_passkey_without_a_good_name_is_not_kept(app, as_alma, key, name, sentence):
    answer = add(as_alma, key, name=name)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert names(app) == []


def test_a_passkey_is_removed(app, as_alma, key):
    add(as_alma, key)
    passkey_id = column(app, select(Passkey.id))[0]

    answer = as_alma.post(f"/account/passkeys/{passkey_id}/remove")

    assert answer.location == "/account"
    assert "The passkey is removed." in as_alma.get("/account").text
    assert names(app) == []


def test_the_only_factor_is_not_removed(app, as_new_alma, key):
    add(as_new_alma, key)
    passkey_id = column(app, select(Passkey.id))[0]

    answer = as_new_alma.post(f"/account/passkeys/{passkey_id}/remove")

    assert answer.status_code == 409
    assert "this is your only one" in answer.text
    assert names(app) == ["Blue key"]


@pytest.mark.parametrize("who", ["as_sten", "as_ada", "as_boris"])
def test_somebody_elses_passkey_is_as_if_it_were_not_there(request, app, as_alma, key, who):
    add(as_alma, key)
    passkey_id = column(app, select(Passkey.id))[0]

    answer = request.getfixturevalue(who).post(f"/account/passkeys/{passkey_id}/remove")

    assert answer.status_code == 404
    assert names(app) == ["Blue key"]


def test_a_change_of_factors_ends_the_other_browsers_and_renews_this_ones_cookie(app, as_alma, key):
    before = as_alma.get_cookie("holdwell").value
    add(as_alma, key)

    thief = app.test_client()
    thief.set_cookie("holdwell", before)

    assert as_alma.get_cookie("holdwell").value != before
    assert thief.get("/patients").location.startswith("/sign-in")


def test_every_success_leaves_its_event_once(app, as_alma, key):
    def added():
        return column(app, select(AuditEvent.action).where(AuditEvent.action.like("factor.%")))

    add(as_alma, key)
    once = added()
    as_alma.post(f"/account/passkeys/{column(app, select(Passkey.id))[0]}/remove")

    assert once == ["factor.added"]
    assert added() == ["factor.added", "factor.removed"]
