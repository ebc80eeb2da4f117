"""The main job by keyboard alone: Tab, Space, arrows and Enter."""

import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import TOTP_SECRET

pytestmark = pytest.mark.browser

MOST_TABS = 120


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the focus is on ``target``; it has to be visible there, and not under anything else."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("(one) => one === document.activeElement"):
            break
    expect(target).to_be_focused()
    assert target.evaluate(
        """(one) => {
            const area = (one.labels && one.labels[0]) || one, box = area.getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return area === top || area.contains(top) || top.contains(area) || top === one;
        }"""
    ), f"Something lies on top of {target}."


def tick(page: Page, target: Locator) -> None:
    reach(page, target)
    page.keyboard.press("Space")
    expect(target).to_be_checked()


def type_into(page: Page, target: Locator, text: str) -> None:
    reach(page, target)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def press(page: Page, target: Locator) -> None:
    reach(page, target)
    page.keyboard.press("Enter")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name).first


def test_a_program_is_issued_without_a_mouse(open_page):
    page = open_page()
    page.goto("/")
    type_into(page, page.get_by_label("Email address"), "alma@clinic.example")
    type_into(page, page.get_by_label("Password"), "correct horse battery")
    page.keyboard.press("Enter")
    type_into(page, page.get_by_label("Code"), pyotp.TOTP(TOTP_SECRET).now())
    page.keyboard.press("Enter")

    press(page, page.get_by_role("link", name="Add patient").first)
    type_into(page, page.get_by_label("Full name"), "Kay Board")
    type_into(page, page.get_by_label("Record number"), "KEY-1")
    page.keyboard.press("Enter")

    press(page, page.get_by_role("link", name="Record a screening"))
    for leg in ("left", "right"):
        tick(page, page.locator(f"#legs-{leg}-asked"))
        tick(page, page.locator(f"#legs-{leg}-sensations"))
    tick(page, page.locator("#lower_back_sensitive"))
    tick(page, page.locator("#persistent"))
    tick(page, page.get_by_label("Strap"))
    page.keyboard.press("Enter")

    press(page, button(page, "Start a program"))
    press(page, button(page, "Add Supine hamstring stretch"))
    expect(page.locator("#items-0-title")).to_be_focused()
    tick(page, page.get_by_label("Walking"))
    type_into(page, page.get_by_label("Warm-up time"), "5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Draft saved.")

    press(page, button(page, "Check and issue"))
    press(page, button(page, "Issue program and make the PDF"))

    expect(page.get_by_role("status")).to_contain_text("is issued. Its PDF is ready.")


def test_the_first_tab_offers_to_skip_to_the_content(open_page):
    page = open_page("alma")
    page.goto("/patients")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_enter_in_a_field_of_the_builder_saves_and_never_adds_or_issues(open_page):
    page = open_page("alma")
    page.goto("/patients/new")
    page.get_by_label("Full name").fill("Enter Key")
    page.get_by_label("Record number").fill("KEY-2")
    page.keyboard.press("Enter")
    button(page, "Start a program").click()

    page.get_by_label("How long").fill("6")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Draft saved.")
    expect(page.get_by_text("No exercises yet")).to_be_visible()
