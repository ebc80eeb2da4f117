"""The whole way in by a clinic's provider, in Chromium: from its administrator's form to a therapist's patients."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.pictures import a_logo
from tests.provider import CLIENT, SECRET, Provider

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
    context = chromium.new_context(base_url=service.address)
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


def test_a_therapist_comes_in_by_the_provider_that_an_administrator_set(door, elsewhere, provider):
    elsewhere.goto(door)
    elsewhere.get_by_role("link", name="Go on").click()

    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Patients")
    expect(elsewhere.locator(".account-who")).to_contain_text("Alma Reyes")
    assert provider.asked.count("/token") == 1


def test_whom_the_clinic_does_not_know_is_told_so_in_a_sentence(door, elsewhere, provider):
    provider.claims |= {"sub": "stranger", "email": "stranger@clinic.example"}

    elsewhere.goto(f"{door}/go")

    expect(elsewhere.get_by_role("alert")).to_contain_text("only those are let in whom the clinic has invited")
    elsewhere.goto("/patients")
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sign in")


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
