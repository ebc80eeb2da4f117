"""The whole way in by a clinic's provider, in Chromium: from its administrator's form to a therapist's patients."""

import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from app.clock import now
from app.models import AuthSession, Role
from app.services import invitations
from tests.browser.test_every_page import NARROW, sideways, too_small, violations
from tests.pictures import a_logo
from tests.provider import CLIENT, SECRET, Provider
from tests.records import change

pytestmark = pytest.mark.browser


@pytest.fixture
def provider() -> Iterator[Provider]:
    one = Provider()
    one.claims["amr"] = ["pwd", "otp"]
    yield one
    one.close()


@pytest.fixture
def elsewhere(chromium, service) -> Iterator[Page]:
    """A browser that nobody has signed in with, and that may leave for the provider."""
    context = chromium.new_context(base_url=service.address, viewport=NARROW)
    yield context.new_page()
    context.close()


@pytest.fixture
def door(open_page, provider) -> str:
    """Ada has set the provider; where Riverside's people sign in by it."""
    desk = open_page("ada")
    desk.goto("/clinic/provider")
    desk.get_by_label("Issuer").fill(provider.address)
    desk.get_by_label("Client ID").fill(CLIENT)
    desk.get_by_label("Client secret").fill(SECRET)
    desk.get_by_role("button", name="Save the provider").click()
    desk.goto("/clinic/provider")
    return desk.get_by_role("region", name="Where your people sign in").locator("code").inner_text()


def signed_in(page: Page, service, who: str) -> Page:
    page.context.add_cookies([{"name": "holdwell", "value": service.ticket(who), "url": service.address}])
    return page


def faults(page: Page) -> list[str]:
    return violations(page) + sideways(page) + too_small(page)


def test_a_therapist_connects_the_two_and_comes_in_by_the_provider(door, service, elsewhere, provider):
    signed_in(elsewhere, service, "alma").goto("/account")
    elsewhere.get_by_role("link", name="Connect your clinic’s account").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Is this your account?")
    assert faults(elsewhere) == []
    elsewhere.get_by_role("button", name="Connect this account").click()
    expect(elsewhere.get_by_role("region", name="Your clinic’s account")).to_contain_text("Connected")
    assert faults(elsewhere) == []
    elsewhere.get_by_role("button", name="Sign out").click()

    elsewhere.goto(door)
    elsewhere.get_by_role("link", name="Go on").click()

    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Patients")
    expect(elsewhere.locator(".account-who")).to_contain_text("Alma Reyes")
    assert provider.asked.count("/token") == 2


def test_who_is_invited_joins_by_the_provider(door, service, elsewhere, provider):
    ada, name = service.user("ada"), secrets.token_hex(4)
    provider.claims |= {"sub": name, "email": f"{name}@clinic.example"}
    with service.app.app_context():
        made = invitations.invite(
            email=f"{name}@clinic.example", name="Nils New", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now()
        )
    assert door

    elsewhere.goto(f"/invitation/{made.token}")
    assert faults(elsewhere) == []
    elsewhere.get_by_role("link", name="Join with your clinic’s account instead").click()
    elsewhere.get_by_role("button", name="Join with this account").click()

    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Patients")
    expect(elsewhere.locator(".account-who")).to_contain_text("Nils New")


def test_whom_nobody_has_connected_is_told_what_to_do(door, elsewhere):
    elsewhere.goto(f"{door}/go")

    expect(elsewhere.get_by_role("alert")).to_contain_text("connect the two under “Your account”")
    assert faults(elsewhere) == []
    elsewhere.goto("/patients")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_what_was_typed_waits_in_its_tab_while_the_provider_signs_in_in_another(door, service, elsewhere):
    page = signed_in(elsewhere, service, "alma")
    page.goto("/account/provider")
    page.get_by_role("button", name="Connect this account").click()
    page.goto("/patients/new")
    page.get_by_label("Name").fill("Vera Typed")
    page.get_by_label("Record number").fill(secrets.token_hex(4))
    with service.app.app_context():
        change(service.app, update(AuthSession).values(expires_at=now()))
    page.get_by_role("button", name="Add patient").click()
    assert door
    assert faults(page) == []

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in there, in a new tab").click()
    opened.value.get_by_role("link", name="Go on").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Patients")
    page.get_by_role("button", name="Go on with what I typed").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Continue with what you typed")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Vera Typed")


def test_a_logo_is_uploaded_and_shown(open_page, tmp_path):
    file = tmp_path / "logo.png"
    file.write_bytes(a_logo(size=(600, 200)))
    desk = open_page("ada")
    desk.goto("/clinic/logo/change")

    desk.get_by_label("File").set_input_files(file)
    desk.get_by_role("button", name="Save the logo").click()

    shown = desk.get_by_role("img", name="The logo of Riverside Physiotherapy")
    expect(shown).to_be_visible()
    assert shown.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [600, 200]
