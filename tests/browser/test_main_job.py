"""The job this service exists for, in a real browser, without JavaScript."""

import hashlib

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import TOTP_SECRET

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}


def sign_in(page: Page, first_name: str) -> None:
    page.goto("/")
    page.get_by_label("Email address").fill(f"{first_name}@clinic.example")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(pyotp.TOTP(TOTP_SECRET).now())
    page.get_by_role("button", name="Continue").click()


def add_patient(page: Page, name: str, number: str) -> None:
    page.get_by_role("link", name="Add patient").first.click()
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Day").fill("9")
    page.get_by_label("Month").fill("3")
    page.get_by_label("Year").fill("1984")
    page.get_by_label("Record number").fill(number)
    page.get_by_role("button", name="Add patient").click()
    expect(page.get_by_role("status")).to_contain_text("Patient added.")


def screen(page: Page) -> None:
    """A pull in the left leg; tingling and burning in the right."""
    page.get_by_role("link", name="Record a screening").click()
    for leg in ("left", "right"):
        page.get_by_role("group", name=f"Was the {leg} leg asked about?").get_by_label("Yes").check()
    page.get_by_role("group", name="Muscle: what is felt in the left leg?").get_by_label("A pull in the muscle").check()
    nerve = page.get_by_role("group", name="Nerve: what is felt in the right leg?")
    nerve.get_by_label("Tingling").check()
    nerve.get_by_label("Burning that runs down the leg").check()
    page.get_by_role("group", name="Is the lower back sensitive?").get_by_label("No").check()
    page.get_by_role("group", name="Is the tightness or pain persistent?").get_by_label("No").check()
    page.get_by_label("Strap").check()
    page.get_by_label("Chair").check()
    page.get_by_role("button", name="Save screening").click()
    expect(page.get_by_role("status")).to_contain_text("Screening saved.")


def build(page: Page) -> None:
    page.get_by_role("button", name="Start a program").click()
    page.get_by_role("button", name="Add Supine hamstring stretch").click()
    expect(page.get_by_role("status")).to_contain_text("was added as exercise 1.")
    page.get_by_role("button", name="Add Seated sciatic nerve glide").click()
    page.get_by_label("Walking").check()
    page.get_by_label("Warm-up time").fill("5")
    page.get_by_label("How long").fill("6")


def issue(page: Page) -> None:
    page.get_by_role("button", name="Check and issue").first.click()
    page.get_by_role("button", name="Issue program and make the PDF").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    page.get_by_label("Examined today; no sign of nerve compression").check()
    page.get_by_role("button", name="Issue program and make the PDF").click()
    expect(page.get_by_role("status")).to_contain_text("is issued. Its PDF is ready.")


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as downloading:
        page.get_by_role("link", name=name).first.click()
    return downloading.value.path().read_bytes()


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, NARROW], ids=["wide", "narrow"])
def test_a_therapist_gets_from_the_sign_in_to_the_paper_without_javascript(open_page, viewport):
    page = open_page(java_script_enabled=False, viewport=viewport, accept_downloads=True)

    sign_in(page, "alma")
    add_patient(page, "Nora Lindqvist", f"N-{viewport['width']}")
    screen(page)
    build(page)
    issue(page)

    content = download(page, "Download PDF")
    assert content.startswith(b"%PDF-")
    assert hashlib.sha256(content).hexdigest()[:16] in page.get_by_text("SHA-256").inner_text()


def test_the_sides_are_preset_from_the_screening(open_page):
    page = open_page("alma", java_script_enabled=False)
    page.goto("/patients")
    add_patient(page, "Sided Patient", "SIDE-1")
    screen(page)

    build(page)

    expect(page.locator("#items-0").get_by_label("Left")).to_be_checked()
    expect(page.locator("#items-1").get_by_label("Right")).to_be_checked()


def test_staff_find_the_program_and_download_it(open_page):
    therapist = open_page("alma", java_script_enabled=False)
    therapist.goto("/patients")
    add_patient(therapist, "Found By Staff", "STAFF-1")
    screen(therapist)
    build(therapist)
    issue(therapist)

    page = open_page(java_script_enabled=False, accept_downloads=True)
    sign_in(page, "sten")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="History").click()
    page.get_by_label("Patient name or record number").fill("found by staff")
    page.get_by_role("button", name="Show programs").click()

    assert download(page, "Download the PDF of").startswith(b"%PDF-")
    expect(page.get_by_role("link", name="Found By Staff")).to_be_visible()


def test_a_removed_exercise_comes_back_by_undo(open_page):
    page = open_page("alma", java_script_enabled=False)
    page.goto("/patients")
    add_patient(page, "Undone Patient", "UNDO-1")
    page.get_by_role("button", name="Start a program").click()
    page.get_by_role("button", name="Add Seated sciatic nerve glide").click()
    page.get_by_label("Note for the patient").fill("Slow and easy.")

    page.get_by_role("button", name="Remove Seated sciatic nerve glide").click()
    expect(page.get_by_text("No exercises yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_label("Note for the patient")).to_have_value("Slow and easy.")
