"""A desk that somebody left: a warning first, then nothing to read; and nothing lost that was typed."""

import re
from datetime import timedelta

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from app.clock import now
from app.models import AuthSession, User
from app.services.tokens import token_hash
from tests.browser.test_every_page import NARROW, RULES
from tests.builders import a_patient
from tests.conftest import PASSWORD, TOTP_SECRET
from tests.records import change, stored

pytestmark = pytest.mark.browser

NAME = "Wilhelmina Quill"


@pytest.fixture
def patient(service):
    """Somebody whose name nobody else may read."""
    with service.app.app_context():
        return a_patient(service.user("alma"), name=NAME)


@pytest.fixture
def desk(open_page):
    """Alma's browser, whose clock the test can turn."""

    def opened(address: str, **options: object) -> Page:
        page = open_page("alma", **options)
        page.clock.install()
        page.goto(address)
        return page

    return opened


def of_this_browser(page: Page):
    cookie = next(one for one in page.context.cookies() if one["name"] == "holdwell")
    return AuthSession.token_sha256 == token_hash(cookie["value"])


def leave(service, page: Page, *, minutes: float) -> None:
    """Nobody uses the sign-in for so long."""
    change(
        service.app,
        update(AuthSession).where(of_this_browser(page)).values(last_seen_at=now() - timedelta(minutes=minutes)),
    )


def last_use(service, page: Page):
    return stored(service.app, select(AuthSession.last_seen_at).where(of_this_browser(page)))[0][0]


def warned(service, page: Page, *, minutes: float = 13.5):
    """The warning, after that long."""
    leave(service, page, minutes=minutes)
    page.clock.fast_forward(int(minutes * 60_000))
    warning = page.get_by_role("alertdialog", name="Are you still there?")
    expect(warning).to_be_visible()
    return warning


def covered(service, page: Page):
    """What is left of the page after the end."""
    leave(service, page, minutes=16)
    page.clock.fast_forward(16 * 60_000)
    cover = page.get_by_role("main", name="You were signed out")
    expect(cover).to_be_visible()
    return cover


def sign_in(service, page: Page, who: str = "alma") -> None:
    change(service.app, update(User).where(User.email == f"{who}@clinic.example").values(totp_last_step=None))
    page.get_by_label("Email address").fill(f"{who}@clinic.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(pyotp.TOTP(TOTP_SECRET).now())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Code")).to_have_count(0)


def violations(page: Page) -> list[str]:
    return [one["id"] for one in Axe().run(page, options=RULES).response["violations"]]


def test_a_warning_comes_two_minutes_before_the_end_and_one_press_stays(service, desk):
    page = desk("/patients")
    page.clock.fast_forward(12 * 60_000)
    expect(page.get_by_role("alertdialog")).to_have_count(0)

    warning = warned(service, page)
    expect(warning).to_contain_text(re.compile(r"Signed out in 1:[23]\d"))
    expect(warning.get_by_role("status")).to_have_text("You will be signed out in 1 min.")
    expect(warning.get_by_role("button", name="Stay signed in")).to_be_focused()
    page.keyboard.press("Enter")

    expect(warning).to_be_hidden()
    assert now() - last_use(service, page) < timedelta(minutes=1)


def test_escape_stays_signed_in(service, desk):
    page = desk("/patients")
    warning = warned(service, page)

    page.keyboard.press("Escape")

    expect(warning).to_be_hidden()
    assert now() - last_use(service, page) < timedelta(minutes=1)


def test_the_warning_can_end_the_sign_in(service, desk):
    page = desk("/patients")

    warned(service, page).get_by_role("button", name="Sign out now").click()

    expect(page).to_have_url(re.compile("/sign-in$"))


def test_after_twelve_hours_the_warning_says_that_nothing_prolongs_it(service, desk):
    page = desk("/patients/new")
    soon = now() + timedelta(seconds=100)
    change(service.app, update(AuthSession).where(of_this_browser(page)).values(expires_at=soon))
    page.clock.fast_forward(13 * 60_000)
    warning = page.get_by_role("alertdialog")
    expect(warning).to_contain_text("signed in for 12 hours")
    expect(warning.get_by_role("button", name="Stay signed in")).to_have_count(0)

    page.keyboard.press("Escape")
    page.clock.run_for(30_000)

    expect(warning).to_be_hidden()
    change(service.app, update(AuthSession).where(of_this_browser(page)).values(expires_at=now()))
    page.clock.fast_forward(2 * 60_000)
    expect(page.get_by_role("main", name="You were signed out")).to_be_visible()


def test_asking_how_long_is_left_is_no_use(service, desk):
    page = desk("/patients")
    warned(service, page)
    before = last_use(service, page)

    page.clock.run_for(30_000)
    page.wait_for_load_state("networkidle")

    assert last_use(service, page) == before


def test_work_in_another_tab_keeps_this_one_from_warning(service, desk):
    page = desk("/patients")
    leave(service, page, minutes=1)

    with page.expect_response("**/session"):
        page.clock.fast_forward(13 * 60_000 + 30_000)

    expect(page.get_by_role("alertdialog")).to_have_count(0)


def test_work_in_another_tab_takes_the_warning_away(service, desk):
    page = desk("/patients")
    warning = warned(service, page)
    leave(service, page, minutes=0)

    page.clock.run_for(11_000)

    expect(warning).to_be_hidden()


def test_typing_on_a_long_page_is_use(service, desk):
    page = desk("/patients/new")
    leave(service, page, minutes=5)
    page.clock.fast_forward(5 * 60_000)

    with page.expect_response("**/session"):
        page.get_by_label("Full name").press_sequentially("May")

    assert now() - last_use(service, page) < timedelta(minutes=1)


@pytest.mark.asvs("14.3.1")
def test_after_the_end_nothing_of_a_patient_can_be_read(service, desk, patient):
    page = desk(f"/patients/{patient.id}")
    assert NAME in page.title()

    covered(service, page)

    assert NAME not in page.title()
    assert NAME not in page.inner_text("body")
    assert NAME not in page.locator("body").aria_snapshot()
    expect(page.get_by_text("What you typed on it is not lost")).to_be_hidden()


@pytest.mark.asvs("14.3.1")
def test_without_the_service_the_page_is_hidden_all_the_same(desk, patient):
    page = desk(f"/patients/{patient.id}")
    page.route("**/session", lambda route: route.abort())

    page.clock.fast_forward(16 * 60_000)

    expect(page.get_by_role("main", name="You were signed out")).to_be_visible()
    assert NAME not in page.inner_text("body")


def test_what_was_typed_and_not_sent_survives_the_sign_in(service, desk):
    page = desk("/patients/new")
    page.get_by_label("Full name").fill("Kept Name")
    page.get_by_label("Record number").fill("IDLE-1")
    cover = covered(service, page)
    expect(cover.get_by_text("What you typed on it is not lost")).to_be_visible()

    cover.get_by_role("button", name="Sign in again").click()
    sign_in(service, page)
    expect(page.locator("main")).to_contain_text("as if you had pressed Add patient")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Kept Name")).to_be_visible()


def test_what_was_refused_and_shown_again_survives_too(service, desk):
    page = desk("/patients/new")
    page.get_by_label("Full name").fill("Kept Twice")
    page.get_by_role("button", name="Add patient").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")

    covered(service, page).get_by_role("button", name="Sign in again").click()
    sign_in(service, page)
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_label("Full name")).to_have_value("Kept Twice")


def test_a_page_without_a_form_comes_back_after_the_sign_in(service, desk, patient):
    page = desk(f"/patients/{patient.id}#screening")

    covered(service, page).get_by_role("button", name="Sign in again").click()
    sign_in(service, page)

    expect(page.get_by_role("heading", name=NAME)).to_be_visible()


def test_a_sign_in_in_another_tab_brings_the_page_back_as_it_was(service, desk):
    page = desk("/patients/new")
    page.get_by_label("Full name").fill("Still here")
    page.evaluate("document.body.dataset.page = 'the same'")
    cover = covered(service, page)
    other = page.context.new_page()
    other.goto("/sign-in")
    sign_in(service, other)

    cover.get_by_role("button", name="Sign in again").click()

    expect(page.get_by_label("Full name")).to_have_value("Still here")
    expect(page.get_by_label("Full name")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-page", "the same")


def test_somebody_else_who_signs_in_does_not_get_the_page_back(service, desk, patient):
    page = desk(f"/patients/{patient.id}/edit")
    page.get_by_label("Full name").fill("Not yours")
    cover = covered(service, page)
    other = page.context.new_page()
    other.goto("/sign-in")
    sign_in(service, other, "boris")

    cover.get_by_role("button", name="Sign in again").click()

    expect(page.get_by_text("Page not found")).to_be_visible()
    assert "Not yours" not in page.content()


@pytest.mark.parametrize("options", [{}, {"viewport": NARROW, "color_scheme": "dark"}], ids=["wide", "narrow and dark"])
@pytest.mark.parametrize("state", [warned, covered])
def test_the_warning_and_what_follows_are_accessible(service, desk, state, options):
    page = desk("/patients/new", **options)
    page.get_by_label("Full name").fill("Typed")
    state(service, page)

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


def test_without_a_script_the_page_is_as_it_always_was(open_page):
    page = open_page("alma", java_script_enabled=False)
    page.goto("/patients")

    expect(page.get_by_role("heading", name="Patients")).to_be_visible()
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(page.get_by_text("You were signed out")).to_be_hidden()
