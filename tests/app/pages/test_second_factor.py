"""The pages for one's own second factor and password, and the one that asks again who it is."""

import html
import re
from datetime import timedelta

import pyotp
import pytest

from app.clock import now
from app.models import AuthSession, Clinic, User
from tests.conftest import PASSWORD, TOTP_SECRET
from tests.records import change

USERS, SESSIONS, CLINICS = User.__table__, AuthSession.__table__, Clinic.__table__
ALMA, NEW = "alma@clinic.example", "kettle marsh ribbon owl"
CODE = re.compile(r"<code>((?:[A-Z2-7]{4}-){5}[A-Z2-7]{4})</code>")


@pytest.fixture
def newcomer(app, anonymous):
    """Alma's browser after her first password, without a second factor yet."""
    change(app, USERS.update().values(totp_secret=None, totp_confirmed_at=None))
    anonymous.post("/sign-in", data={"email": ALMA, "password": PASSWORD})
    return anonymous


@pytest.fixture
def tired(app, as_alma):
    """Alma's browser a quarter of an hour after she last proved who she is."""
    change(app, SESSIONS.update().values(proved_at=now() - timedelta(minutes=15)))
    return as_alma


def secret_of(page):
    return re.search(r'<code class="secret"[^>]*>([A-Z2-7 ]+)</code>', page.text)[1].replace(" ", "")


def enrol(browser, page, *, code=None, **changes):
    hidden = re.search(r'name="secret" value="([^"]+)"', page.text)[1]
    code = pyotp.TOTP(secret_of(page)).at(now()) if code is None else code
    return browser.post("/account/app", data={"secret": hidden, "code": code, "next": ""} | changes)


def hidden_fields(page):
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    }


def test_the_app_is_shown_as_a_picture_with_a_name_and_as_text_in_groups_of_four(newcomer):
    page = newcomer.get("/account/app").text

    assert "<title>For an authenticator app</title>" in page
    assert re.search(r'<svg[^>]* viewBox="0 0 (\d+) \1" class="qr">', page)  # else a small screen would cut it off
    assert re.search(r">(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}</code>", page)
    assert "style=" not in page


def test_looking_at_the_page_changes_nothing(newcomer):
    assert secret_of(newcomer.get("/account/app")) != secret_of(newcomer.get("/account/app"))
    assert newcomer.get("/patients").location == "/sign-in/second-factor?next=/patients"


def test_the_first_code_sets_the_app_up_opens_the_rest_and_shows_recovery_codes(newcomer):
    done = enrol(newcomer, newcomer.get("/account/app"), next="/history")

    assert done.status_code == 200
    assert len(set(CODE.findall(done.text))) == 10
    assert '<a class="button" href="/history">' in done.text
    assert newcomer.get("/history").status_code == 200


def test_a_wrong_code_shows_the_same_picture_again(newcomer):
    page = newcomer.get("/account/app")
    again = enrol(newcomer, page, code="000000")

    assert again.status_code == 422
    assert secret_of(again) == secret_of(page)
    assert enrol(newcomer, again).status_code == 200


@pytest.mark.parametrize("planted", [TOTP_SECRET, "", "a.b.c"])
def test_nobody_plants_a_secret_of_their_own(newcomer, planted):
    page = newcomer.get("/account/app")
    answer = enrol(newcomer, page, code=pyotp.TOTP(TOTP_SECRET).at(now()), secret=planted)

    assert answer.status_code == 422
    assert "open for too long" in answer.text
    assert newcomer.get("/patients").status_code == 303


def test_nor_that_of_another_person(as_sten, newcomer):
    theirs = as_sten.get("/account/app")
    assert enrol(newcomer, theirs).status_code == 422


def test_who_has_a_factor_cannot_add_one_with_the_password_alone(anonymous):
    anonymous.post("/sign-in", data={"email": ALMA, "password": PASSWORD})

    assert anonymous.get("/account/app").location == "/sign-in/second-factor"
    assert anonymous.post("/account/app", data={"secret": "x", "code": "1"}).location == "/sign-in/second-factor"


def test_a_recovery_code_opens_the_second_step_once(app, as_alma):
    code = CODE.findall(as_alma.post("/account/recovery-codes").text)[0]
    answers = []
    for _ in range(2):
        browser = app.test_client()
        browser.post("/sign-in", data={"email": ALMA, "password": PASSWORD})
        assert "recovery code" in browser.get("/sign-in/second-factor").text
        assert "Recovery code" in browser.get("/sign-in/second-factor?recovery=1").text
        answers.append(browser.post("/sign-in/second-factor?recovery=1", data={"code": code.lower()}).status_code)

    assert answers == [303, 422]


def test_the_recovery_codes_are_behind_a_button(as_alma):
    assert not CODE.findall(as_alma.get("/account/recovery-codes").text)
    assert "Make new codes" in as_alma.get("/account/recovery-codes").text


def test_the_last_factor_stays_where_the_clinic_requires_one(as_alma):
    assert "Remove the app" not in as_alma.get("/account/app").text
    assert as_alma.post("/account/app/remove").status_code == 422


def test_elsewhere_it_can_go(app, as_alma):
    change(app, CLINICS.update().values(requires_second_factor=False, is_demonstration=True))

    assert "Remove the app" in as_alma.get("/account/app").text
    assert as_alma.post("/account/app/remove").location == "/account"
    assert as_alma.get("/account").status_code == 200


@pytest.mark.asvs("7.5.3")
@pytest.mark.parametrize("path", ["/account/app", "/account/recovery-codes", "/history.csv"])
def test_what_is_dangerous_asks_again_who_it_is_and_leads_back(tired, path):
    asked = tired.get(path)
    page = tired.get(asked.location)
    done = tired.post("/prove", data=hidden_fields(page) | {"password": PASSWORD})

    assert asked.location == f"/prove?next={path}"
    assert "Confirm that it is you" in page.text
    assert (done.status_code, done.location) == (303, path)
    assert tired.get(path).status_code == 200


def test_what_was_typed_before_the_proof_goes_on_after_it(tired):
    asked = tired.post("/account/recovery-codes", data={"note": "typed"}, headers={"Sec-Fetch-Site": "same-origin"})
    done = tired.post("/prove", data=hidden_fields(asked) | {"password": PASSWORD})

    assert asked.status_code == 403
    assert "What you typed is kept." in asked.text
    assert (done.status_code, 'action="/account/recovery-codes"' in done.text) == (200, True)
    assert hidden_fields(done)["note"] == "typed"
    assert tired.post("/account/recovery-codes", data=hidden_fields(done)).status_code == 200


def test_a_wrong_password_proves_nothing_and_loses_nothing(tired):
    asked = tired.post("/account/recovery-codes", data={"note": "typed"})
    again = tired.post("/prove", data=hidden_fields(asked) | {"password": "wrong"})

    assert again.status_code == 422
    assert "That is not your password." in again.text
    assert hidden_fields(again)["kept"] == hidden_fields(asked)["kept"]
    assert tired.get("/history.csv").status_code == 303


def test_a_proof_gives_a_new_cookie(app, tired):
    before = tired.get_cookie("holdwell").value
    tired.post("/prove", data={"password": PASSWORD})

    thief = app.test_client()
    thief.set_cookie("holdwell", before)
    assert thief.get("/patients").location == "/sign-in?next=/patients"


@pytest.mark.asvs("6.2.2")
def test_the_password_is_changed_and_the_browser_stays_signed_in(app, as_alma):
    form = {"current": PASSWORD, "new": NEW, "again": NEW}

    assert as_alma.post("/account/password", data=form).location == "/account"
    assert "Your password is changed." in as_alma.get("/account").text
    assert app.test_client().post("/sign-in", data={"email": ALMA, "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"current": ""}, "current", "Enter the password that you have now."),
        ({"current": "wrong password"}, "current", "That is not your password."),
        ({"new": ""}, "new", "Enter a new password."),
        ({"again": "something else"}, "again", "The two new passwords are not the same."),
        ({"new": "short", "again": "short"}, "new", "Take a password of 12 characters or more."),
        ({"new": "password1234", "again": "password1234"}, "new", "This is one of the passwords that are tried first."),
    ],
)
def test_a_password_that_can_not_be_taken_says_why(as_alma, changes, field, sentence):
    answer = as_alma.post("/account/password", data={"current": PASSWORD, "new": NEW, "again": NEW} | changes)

    assert answer.status_code == 422
    assert f'<a href="#{field}">{sentence}' in answer.text
    assert NEW not in answer.text


def test_who_has_no_password_is_told_where_it_is(app, as_alma):
    change(app, USERS.update().values(password_hash=None))

    assert "You sign in without a password here" in as_alma.get("/account/password").text
    assert 'name="code"' in as_alma.get("/prove").text


def test_a_password_or_a_code_is_never_carried_through_a_sign_in(app, as_alma):
    change(app, SESSIONS.update().values(last_seen_at=now() - timedelta(minutes=16)))
    form = {"current": PASSWORD, "new": NEW, "again": NEW, "code": "123456", "secret": "hidden", "note": "typed"}
    cut_short = as_alma.post("/account/password", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    sealed = hidden_fields(cut_short)["kept"]
    as_alma.post("/sign-in", data={"email": ALMA, "password": PASSWORD, "kept": sealed})
    step = as_alma.post("/sign-in/second-factor", data={"code": pyotp.TOTP(TOTP_SECRET).at(now()), "kept": sealed})

    assert set(hidden_fields(step)) == {"csrf_token", "note"}
