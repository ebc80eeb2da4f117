"""The movement of an exercise on its page: it plays, it pauses, and it stands still for whoever wants less motion."""

import pytest

from tests.builders import SUPINE

pytestmark = pytest.mark.browser
LONG_MILLISECONDS = 10_000


@pytest.fixture
def open_film(open_page):
    """Opens the page of an exercise, with a clock that the test can turn on."""

    def go(**options):
        page = open_page("alma", **options)
        page.clock.install()
        page.goto(f"/catalogue/{SUPINE}")
        page.locator("#film path").last.wait_for(state="attached")
        return page

    return go


def drawings(page):
    """Which drawings are seen within a long time."""
    seen = set()
    for _ in range(LONG_MILLISECONDS // 500):
        page.clock.run_for(500)
        seen.add(page.evaluate("document.querySelector('#film svg').dataset.drawing"))
    return seen


def test_the_movement_plays_and_pauses(open_film):
    page = open_film()
    button = page.locator("#film button")

    played = drawings(page)
    button.press("Enter")
    paused = drawings(page)
    says = button.inner_text()
    button.press("Enter")
    played_on = drawings(page)

    assert {"0", "24"} <= played | played_on
    assert min(len(played), len(played_on)) > 5
    assert (len(paused), says) == (1, "Play")


def test_for_whoever_wants_less_motion_it_stands_still_until_started(open_film):
    page = open_film(reduced_motion="reduce")

    assert drawings(page) == {None}
    page.locator("#film button", has_text="Play").press("Enter")
    assert len(drawings(page)) > 5


def test_it_stops_when_less_motion_is_asked_for_while_it_plays(open_film):
    page = open_film()

    before = drawings(page)
    page.emulate_media(reduced_motion="reduce")
    page.locator("#film button", has_text="Play").wait_for()

    assert len(before) > 5
    assert len(drawings(page)) == 1


def test_without_scripts_the_two_still_pictures_say_the_same(open_page):
    page = open_page("alma", java_script_enabled=False)
    page.goto(f"/catalogue/{SUPINE}")

    assert page.locator("#how + .picture img").is_visible()
    assert page.locator("#film").is_hidden()
