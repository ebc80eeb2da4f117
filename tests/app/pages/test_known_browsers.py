"""Guessed at by strangers: the owner comes in with a browser that knows them, and hears of it."""

import pyotp
import pytest

from app.clock import now
from app.pages import later
from app.services import passwords, resets
from tests.conftest import PASSWORD, TOTP_SECRET

STEP = "/sign-in/second-factor"
NAME = "holdwell-device"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    """Passwords are refused without a hash: for tests of how often."""
    monkeypatch.setattr(passwords, "matches", lambda _kept, password: password == PASSWORD)


def sign_in(browser, user, password=PASSWORD):
    return browser.post("/sign-in", data={"email": user.email, "password": password}).status_code


def give_code(browser, code=None):
    return browser.post(STEP, data={"code": code or pyotp.TOTP(TOTP_SECRET).at(now())})


@pytest.fixture
def known(app, alma):
    """A browser that Alma has signed in with, and out of."""
    browser = app.test_client()
    sign_in(browser, alma)
    give_code(browser)
    browser.post("/sign-out")
    return browser


def test_a_known_browser_is_known_after_the_second_step_and_after_signing_out(app, known, alma):
    half = app.test_client()
    sign_in(half, alma)
    cookie = known.get_cookie(NAME)

    assert half.get_cookie(NAME) is None
    assert (cookie.http_only, cookie.path, cookie.same_site) == (True, "/", "Lax")
    assert cookie.max_age == 180 * 24 * 60 * 60
    assert "alma" not in cookie.value.lower()


def test_no_stranger_keeps_the_owner_of_a_known_browser_out(anonymous, known, alma):
    guesses = [sign_in(anonymous, alma, f"a wrong guess {n}") for n in range(12)]

    assert guesses == [422] * 9 + [429] * 3  # her own sign-in was a stranger's, too
    assert sign_in(anonymous, alma) == 429
    assert sign_in(known, alma) == 303


def test_a_known_browser_is_a_strangers_after_a_reset(app, anonymous, known, alma, ada):
    with app.app_context():
        resets.forget_second_factor(alma.id, by=ada, at=now())
    for n in range(10):
        sign_in(anonymous, alma, f"a wrong guess {n}")

    assert sign_in(known, alma) == 429


def test_whose_second_step_is_guessed_gets_one_mail_about_it(anonymous, alma, mailbox):
    for _ in range(2):
        sign_in(anonymous, alma)
        answers = [give_code(anonymous, "000000").status_code for _ in range(8)]
    later.wait()

    (letter,) = mailbox.letters()
    assert answers[-1] == 429
    assert (letter["To"], letter["Subject"]) == (alma.email, "Somebody keeps trying codes at your second step")
    assert "Riverside Physiotherapy" in letter.get_content()


def test_a_few_wrong_codes_are_no_news(anonymous, alma, mailbox):
    sign_in(anonymous, alma)
    for _ in range(9):
        give_code(anonymous, "000000")
    later.wait()

    assert mailbox.letters() == []
