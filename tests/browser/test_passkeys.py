"""Passkeys in Chromium, with the security key that its developer tools simulate."""

from datetime import timedelta

import pytest
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import delete, select, update

from app.clock import now
from app.models import AuditEvent, AuthSession, Passkey, User
from tests.conftest import PASSWORD
from tests.records import change, column

pytestmark = pytest.mark.browser

KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class SecurityKey:
    """What hangs on Alma's key ring, plugged into one page."""

    def __init__(self, page: Page) -> None:
        self._tools: CDPSession = page.context.new_cdp_session(page)
        self._tools.send("WebAuthn.enable")
        self._id = self._tools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]

    def credential(self) -> dict[str, object]:
        """All that is in the key: enough to make a copy of it."""
        return self._tools.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"][0]

    def takes(self, credential: dict[str, object]) -> None:
        """Become a copy of another key."""
        self._tools.send("WebAuthn.clearCredentials", {"authenticatorId": self._id})
        self._tools.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": credential})


@pytest.fixture
def _without_passkeys(service):
    """Nobody has one, before and after."""
    change(service.app, delete(Passkey))
    yield
    change(service.app, delete(Passkey))


@pytest.fixture
def page(open_page, _without_passkeys) -> Page:
    """Alma's browser."""
    return open_page("alma")


@pytest.fixture
def key(page) -> SecurityKey:
    return SecurityKey(page)


@pytest.fixture
def sten(service):
    """Sten, on the day when he has no second factor yet."""
    row = update(User).where(User.email == "sten@clinic.example")
    change(service.app, row.values(totp_confirmed_at=None))
    yield "sten@clinic.example"
    change(service.app, row.values(totp_confirmed_at=now()))


def ask_for_a_passkey(page: Page, name: str) -> None:
    page.goto("/account")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Add passkey").click()


def enrol(page: Page) -> None:
    ask_for_a_passkey(page, "Blue key")
    expect(page.get_by_role("status")).to_contain_text("The passkey is added.")


def give_password(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("Email address").fill("alma@clinic.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()


def refusals(service) -> list[str]:
    query = select(AuditEvent.detail).where(AuditEvent.action == "factor.refused").order_by(AuditEvent.at)
    return column(service.app, query)


@pytest.mark.usefixtures("key")
def test_a_key_is_added_and_opens_the_next_sign_in(page):
    enrol(page)
    expect(page.get_by_text("Passkey: Blue key")).to_be_visible()
    expect(page.get_by_text("Not used yet").first).to_be_visible()

    give_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Patients", exact=True)).to_be_visible()

    page.goto("/account")
    expect(page.get_by_role("listitem").filter(has_text="Blue key")).to_contain_text("Last used")


@pytest.mark.usefixtures("key")
def test_the_sign_in_leads_to_the_page_that_was_asked_for(page):
    enrol(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto("/history")
    page.get_by_label("Email address").fill("alma@clinic.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", name="History of programs")).to_be_visible()


def test_a_copy_of_the_key_is_refused(service, page, key):
    enrol(page)
    copy = key.credential()
    give_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Patients", exact=True)).to_be_visible()

    key.takes(copy)
    give_password(page)
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("alert").first).to_contain_text("it seems that there is a copy of it")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert refusals(service)[-1] == "passkey_copied"


@pytest.mark.usefixtures("key")
def test_a_key_that_is_there_already_is_not_added_twice(page):
    enrol(page)

    ask_for_a_passkey(page, "The same")

    expect(page.get_by_role("alert")).to_have_text("This device or key is among your passkeys already.")


@pytest.mark.usefixtures("key")
def test_what_is_cancelled_is_said_and_can_be_tried_again(page):
    enrol(page)
    page.add_init_script(
        "navigator.credentials.get = async () => { throw new DOMException('cancelled', 'NotAllowedError'); }"
    )
    give_password(page)

    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_focused()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_enabled()


@pytest.mark.usefixtures("key")
def test_a_passkey_is_a_proof_for_what_asks_for_one(service, page):
    enrol(page)
    change(service.app, update(AuthSession).values(proved_at=now() - timedelta(minutes=11)))
    page.get_by_role("link", name="Make a token").click()
    expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()

    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", name="Make a token")).to_be_visible()


@pytest.mark.usefixtures("_without_passkeys")
def test_a_first_second_factor_may_be_a_passkey(open_page, sten):
    page = open_page()
    SecurityKey(page)
    page.goto("/")
    page.get_by_label("Email address").fill(sten)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Use a passkey instead").click()
    page.get_by_label("Name of the passkey").fill("Desk key")
    page.get_by_role("button", name="Add passkey").click()

    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("link", name="Sten Dahl")).to_be_visible()


def test_without_a_script_there_is_another_way(open_page):
    page = open_page("alma", java_script_enabled=False)
    page.goto("/account/passkeys/new")

    expect(page.get_by_role("button", name="Add passkey")).to_have_count(0)
    expect(page.get_by_role("link", name="Set up an authenticator app")).to_be_visible()
