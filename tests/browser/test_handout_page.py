"""The handout as a page: accessible, inside a narrow screen, and printable from there."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from prescriptions.handout import compose
from prescriptions.handout_page import web_html
from prescriptions.packs import HAMSTRING, load_pack
from prescriptions.program_file import read
from tests.prescriptions.builders import a_glide, a_long_sit, a_program, a_stretch
from tests.prescriptions.builders_paper import EDITION, FULL_CLINIC, LONG_NAME, LONG_NOTE, LOOKUP, PATIENT

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.fixture(scope="module")
def html():
    pack = load_pack(HAMSTRING)
    usual = {"patient": PATIENT | {"name": LONG_NAME}, "weeks": 6, "sessions_per_week": 7}
    before = read(a_program(a_stretch(), **usual), pack)
    now = read(a_program(a_stretch(note="W" * 120), a_long_sit(), a_glide(note=LONG_NOTE), **usual), pack)
    return web_html(compose(now, pack, FULL_CLINIC, EDITION, previous=before, lookup=LOOKUP))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("width", [320, 1024])
def test_the_page_is_accessible_and_fits_its_screen(page, html, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)

    assert Axe().run(page, options=RULES).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_printed_from_the_browser_no_exercise_is_cut_in_two(page, html):
    page.set_content(html)

    printed = [sheet.extract_text() for sheet in PdfReader(BytesIO(page.pdf(format="A4"))).pages]

    for title, end in [("1. Lying", "knee."), ("2. Floor", "head down."), ("3. Seated", "Go slowly")]:
        assert [end in sheet for sheet in printed if title in sheet] == [True]
