"""What was typed when the sign-in ended is not lost, and reaches nobody but whoever typed it."""

import html
import re
from datetime import timedelta

import pytest
from pyotp import TOTP
from sqlalchemy import update

from app.clock import now
from app.database import unit_of_work
from app.models import AuthSession, User
from app.services import accounts
from tests.builders import a_sign_in
from tests.conftest import PASSWORD, TOTP_SECRET
from tests.records import change

OURS = {"Sec-Fetch-Site": "same-origin"}
NAME = 'Maya "M" <Holm>'
TYPED = {"name": NAME, "identifier": "M1", "password": "hunter2", "csrf_token": "old-token"}
ADDRESS = "/patients/new"
SEALED = re.compile(r'name="kept" value="([^"]+)"')


@pytest.fixture
def idle(app, alma, as_alma):
    """Alma's browser, after a long telephone call."""
    with app.app_context(), unit_of_work(alma.clinic_id) as session:
        session.execute(update(AuthSession).values(last_seen_at=now() - timedelta(minutes=16)))
    return as_alma


def send(browser, address=ADDRESS, *, headers=OURS, **kwargs):
    return browser.post(address, data=TYPED, headers=headers, **kwargs)


def sign_in(browser, page, who="alma", **changes):
    """Both steps of it; or the first alone, where that is refused."""
    form = {"email": f"{who}@clinic.example", "password": PASSWORD, "next": "", "kept": SEALED.search(page.text)[1]}
    first = browser.post("/sign-in", data=form | changes)
    if first.status_code == 422:
        return first
    second = first if first.status_code == 200 else browser.get(first.location)
    code = TOTP(TOTP_SECRET).at(now())
    return browser.post("/sign-in/second-factor", data=fields(second) | {"code": code}, forged=True)


def fields(page):
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text.split("<h1>")[1])
    return {name: html.unescape(value) for name, value in found}


def test_a_form_that_was_sent_too_late_leads_to_a_sign_in_that_keeps_it(idle):
    answer = send(idle)

    assert answer.status_code == 401
    assert "15 minutes" in answer.text
    assert 'action="/sign-in"' in answer.text
    assert f'name="next" value="{ADDRESS}"' in answer.text
    assert SEALED.search(answer.text)


def test_a_button_that_has_no_page_is_kept_as_well(idle):
    page = idle.post("/patients/any/draft", data={"from_program": "one"}, headers=OURS)

    assert 'name="next" value=""' in page.text
    assert 'action="/patients/any/draft"' in sign_in(idle, page).text


def test_what_was_typed_goes_on_after_the_sign_in_with_one_press(idle):
    page = sign_in(idle, send(idle))

    sent = fields(page)
    done = idle.post(ADDRESS, data=sent, forged=True)

    assert page.status_code == 200
    assert f'<form method="post" action="{ADDRESS}">' in page.text
    assert "Alma Reyes" in page.text
    assert (sent["name"], sent["identifier"], "password" in sent) == (NAME, "M1", False)
    assert sent["csrf_token"] != "old-token"
    assert done.status_code == 303
    assert html.escape(NAME, quote=False).split(" ")[0] in idle.get(done.location).text


def test_nothing_happens_before_the_press(idle):
    sign_in(idle, send(idle))

    assert idle.get("/api/v1/patients").json["total"] == 0


def test_a_mistyped_password_does_not_lose_it(idle):
    again = sign_in(idle, send(idle), password="wrong")

    page = sign_in(idle, again)

    assert again.status_code == 422
    assert fields(page)["name"] == NAME


def test_somebody_else_who_signs_in_gets_nothing_of_it(idle):
    answer = sign_in(idle, send(idle), who="sten", next=ADDRESS)

    assert (answer.status_code, answer.location) == (303, "/")
    assert NAME not in answer.text


@pytest.mark.parametrize("sealed", ["", "made up", "W10.aaaa.bbbb"])
def test_what_we_did_not_seal_is_nothing(anonymous, idle, sealed):
    assert sign_in(anonymous, send(idle), kept=sealed).location == "/"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_what_another_site_sent_is_not_kept(idle, site):
    answer = send(idle, headers={"Sec-Fetch-Site": site})

    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={ADDRESS}")


def test_a_browser_that_does_not_say_where_it_comes_from_proves_it_with_the_form_token(idle):
    assert idle.post(ADDRESS, data={"name": NAME}).status_code == 401
    assert idle.post(ADDRESS, data={"name": NAME}, forged=True).status_code == 303


def test_of_a_session_that_was_signed_out_nothing_is_kept(app, as_alma):
    token = as_alma.get_cookie("holdwell").value
    with app.app_context():
        accounts.sign_out(token, at=now())

    assert send(as_alma).location == f"/sign-in?next={ADDRESS}"


@pytest.mark.parametrize("size", [600_000, 2_500_000])
def test_a_form_that_is_too_large_to_keep_leads_to_the_sign_in_without_a_fault(idle, size):
    answer = idle.post(ADDRESS, data={"name": "x" * size}, headers=OURS)

    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={ADDRESS}")


def test_a_button_without_a_page_of_its_own_leads_to_no_page(idle, as_sten):
    assert as_sten.post("/sign-out").location == "/sign-in"
    assert idle.post("/patients/any/draft", headers={"Sec-Fetch-Site": "none"}).location == "/sign-in"


def test_a_page_whose_form_token_is_old_asks_for_one_more_press(as_alma):
    page = send(as_alma, forged=True)

    done = as_alma.post(ADDRESS, data=fields(page), forged=True)

    assert page.status_code == 400
    assert "open for too long" in page.text
    assert fields(page)["name"] == NAME
    assert done.status_code == 303


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}])
def test_a_forged_form_from_elsewhere_is_offered_nothing(as_alma, headers):
    page = send(as_alma, headers=headers, forged=True)

    assert page.status_code == 400
    assert "Load the page and try again." in page.text
    assert "Continue" not in page.text


@pytest.fixture
def cut_short(app, alma, idle):
    """What Alma's browser shows, which knows the door of her clinic's provider, when a form was sent too late."""
    idle.set_cookie(f"{app.config['IDENTITY_COOKIE_NAME']}-door", alma.clinic_id)
    return send(idle)


def signs_in_by_the_provider(app, browser, user):
    """In another tab: a session begins, and the form token of this page ends."""
    with app.app_context():
        token = a_sign_in(user, at=now())
    browser.set_cookie(app.config["IDENTITY_COOKIE_NAME"], token)
    with browser.session_transaction() as session:
        session.clear()


def goes_on(browser, page, headers=OURS):
    sent = {name: value for name, value in fields(page).items() if name in {"csrf_token", "kept"}}
    return browser.post("/sign-in/continue", data=sent, headers=headers, forged=True)


def test_what_was_typed_is_not_lost_to_who_signs_in_by_the_provider(app, alma, idle, cut_short):
    assert f'href="/sign-in/at/{alma.clinic_id}" target="_blank" rel="noopener"' in cut_short.text
    signs_in_by_the_provider(app, idle, alma)

    page = goes_on(idle, cut_short)
    done = idle.post(ADDRESS, data=fields(page), forged=True)

    assert fields(page)["name"] == NAME
    assert done.status_code == 303


def test_it_is_not_lost_to_who_comes_back_too_early(app, alma, idle, cut_short):
    early = goes_on(idle, cut_short)
    signs_in_by_the_provider(app, idle, alma)

    assert (early.status_code, "You are not signed in yet" in early.text) == (401, True)
    assert fields(goes_on(idle, early))["name"] == NAME


def test_it_is_not_lost_to_who_comes_back_before_the_second_step(app, alma, idle, cut_short):
    with app.app_context():
        half = accounts.sign_in(email=alma.email, password=PASSWORD, at=now()).token
    idle.set_cookie(app.config["IDENTITY_COOKIE_NAME"], half)
    with idle.session_transaction() as session:
        session.clear()

    assert SEALED.search(goes_on(idle, cut_short).text)


def test_somebody_else_who_signs_in_by_the_provider_never_gets_it(app, sten, idle, cut_short):
    signs_in_by_the_provider(app, idle, sten)

    answer = goes_on(idle, cut_short)

    assert NAME not in answer.text
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_another_site_never_has_it_shown(app, alma, idle, cut_short, site):
    signs_in_by_the_provider(app, idle, alma)

    answer = goes_on(idle, cut_short, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 400
    assert html.escape(NAME) not in answer.text


def test_who_has_to_prove_again_by_the_provider_keeps_what_was_typed(app, ada, as_ada):
    change(app, update(User).where(User.id == ada.id).values(oidc_subject="ada-1"))
    change(app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))
    asked = as_ada.post("/people/invite", data={"name": NAME}, headers=OURS)

    signs_in_by_the_provider(app, as_ada, ada)

    assert f'href="/sign-in/at/{ada.clinic_id}" target="_blank"' in asked.text
    assert fields(goes_on(as_ada, asked))["name"] == NAME
