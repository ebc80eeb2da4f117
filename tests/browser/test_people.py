"""From an invitation to the first patient, and back in after a forgotten password: as people do it."""

import time
from datetime import timedelta

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.clock import now
from app.models import AuthSession, User
from app.services import invitations, resets
from tests.browser.test_every_page import NARROW, RULES
from tests.conftest import TOTP_SECRET
from tests.mailbox import Mailbox
from tests.records import column, count

pytestmark = pytest.mark.browser

PASSWORD = "seven quiet herons wade"
LONG = "Wolfeschlegelsteinhausenbergerdorff-" * 3
SCREENS = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": NARROW},
    "dark": {"viewport": NARROW, "color_scheme": "dark"},
    "no script": {"viewport": NARROW, "java_script_enabled": False},
}


def letter_to(mailbox: Mailbox, address: str) -> str:
    """The link in the mail, once it has come."""
    for _ in range(100):
        if mailbox.letters(address):
            return mailbox.link(address)
        time.sleep(0.05)
    raise AssertionError(f"No mail came for {address}.")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in")


def test_an_invited_therapist_joins_and_sees_nothing_before_the_second_step(open_page, service):
    office = open_page("ada")
    office.goto("/")
    office.get_by_role("link", name="Invite somebody").click()
    office.get_by_label("Full name").fill("Nils Berg")
    office.get_by_label("Email address").fill("nils@clinic.example")
    office.get_by_label("Therapist").check()
    press(office, "Send the invitation")
    expect(office.get_by_text("Invitation sent.")).to_be_visible()
    expect(office.get_by_text("Invited", exact=True)).to_be_visible()

    page = open_page()
    page.goto(letter_to(service.mailbox, "nils@clinic.example"))
    expect(page.get_by_role("heading", name="Welcome, Nils Berg")).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Accept the invitation")
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    sign_in(page, "nils@clinic.example")

    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    for address in ("/patients", "/history", "/patients/new", "/account"):
        page.goto(address)
        expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("Enter the code that the app shows").fill(pyotp.TOTP(secret).at(now()))
    press(page, "Use this app")
    page.get_by_role("link", name="I have kept them").click()
    page.goto("/patients")
    expect(page.get_by_role("link", name="Add patient").first).to_be_visible()

    office.reload()
    expect(office.get_by_text("Active", exact=True)).to_be_visible()


def test_a_forgotten_password_is_replaced_and_the_second_step_still_asked_for(open_page, service):
    page = open_page()
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email address").fill("sten@clinic.example")
    press(page, "Send me a link")
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()

    page.goto(letter_to(service.mailbox, "sten@clinic.example"))
    page.get_by_label("New password").fill("short")
    press(page, "Change the password")
    expect(page.get_by_role("alert")).to_contain_text("12 characters or more")
    page.get_by_label("New password").fill(PASSWORD)
    press(page, "Change the password")
    sign_in(page, "sten@clinic.example")

    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.goto("/patients")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_label("Code").fill(pyotp.TOTP(TOTP_SECRET).at(now()))
    press(page, "Continue")
    page.goto("/patients")
    expect(page.get_by_role("heading", name="Patients", level=1)).to_be_visible()
    sten = column(service.app, select(User.id).where(User.email == "sten@clinic.example"))[0]
    assert count(service.app, AuthSession, AuthSession.user_id == sten, AuthSession.revoked_at.is_(None)) == 1


@pytest.fixture(scope="session")
def addresses(service) -> dict[str, str]:
    """Each page of people and links, with somebody of a long name on it."""
    ada = service.user("ada")
    with service.app.app_context():
        facts = {"roles": ada.roles, "clinic": ada.clinic, "by": ada}
        asked = invitations.invite(email="long@clinic.example", name=LONG, at=now(), **facts)
        lapsed = invitations.invite(email="late@clinic.example", name="Late", at=now() - timedelta(days=2), **facts)
        reset = resets.ask(email="ines@clinic.example", at=now())
    alma = service.user("alma").id
    return {
        "list": "/people",
        "invite": "/people/invite",
        "person": f"/people/{alma}",
        "myself": f"/people/{ada.id}",
        "invited": f"/people/{asked.user.id}",
        "lapsed": f"/people/{lapsed.user.id}",
        "roles": f"/people/{asked.user.id}/roles",
        "disable": f"/people/{asked.user.id}/disable",
        "second step": f"/people/{alma}/second-step",
        "invitation": f"/invitation/{asked.token}",
        "reset": f"/reset/{reset.token}",
        "gone": "/reset/pr_gone",
        "forgot": "/forgot-password",
    }


PAGES = ("list", "invite", "person", "myself", "invited", "lapsed", "roles", "disable", "second step")
LINKS = ("invitation", "reset", "gone", "forgot")


@pytest.mark.parametrize("screen", ["wide", "narrow", "dark"])
@pytest.mark.parametrize("name", [*PAGES, *LINKS])
def test_each_page_is_accessible_and_fits(open_page, addresses, name, screen):
    page = open_page("ada" if name in PAGES else "", **SCREENS[screen])
    page.goto(addresses[name])

    assert Axe().run(page, options=RULES).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("name", ["invite", "roles", "invitation", "forgot"])
def test_what_is_wrong_is_said_accessibly(open_page, addresses, name):
    page = open_page("ada" if name in PAGES else "", **SCREENS["narrow"])
    page.goto(addresses[name])
    if name == "roles":
        page.get_by_label("Administrator").uncheck()
    page.locator("main form button[type=submit]").click()

    expect(page.get_by_role("alert")).to_be_focused()
    assert Axe().run(page, options=RULES).response["violations"] == []


def test_people_work_without_scripts(open_page):
    page = open_page("ada", **SCREENS["no script"])
    page.goto("/people")
    page.get_by_role("link", name="Ines Faro").click()
    page.get_by_role("link", name="Disable the account").click()
    press(page, "Disable this account")

    expect(page.get_by_text("Account disabled.")).to_be_visible()
    page.get_by_role("link", name="Enable the account").click()
    press(page, "Enable this account")
    expect(page.get_by_text("Account enabled.")).to_be_visible()
