"""Markup in every column that people fill: on no page of anybody is it more than text. In Chromium: tests/browser."""

import pytest

from app.services import people
from tests.conftest import signed_in, somebody
from tests.marked import PEOPLE, a_marked_clinic, columns_without_a_canary
from tests.naughty import MARK
from tests.security.markup import Page
from tests.security.walking import ask, pages_to_read


@pytest.fixture
def world(app):
    """The ids of the marked clinic."""
    return a_marked_clinic(app)


def test_a_canary_stands_in_every_column_that_people_fill_and_acts_on_no_page(app, world):
    with app.app_context():
        mara = people.user_with_address("mara@clinic.example")
        assert columns_without_a_canary(mara.clinic_id) == set()
    found, shown = {}, {}
    for first in PEOPLE:
        browser = signed_in(app, somebody(app, first))
        for call in pages_to_read(app, world):
            answer = ask(browser, call)
            if answer.mimetype == "text/html":
                page = Page(answer.text)
                shown[first, call.endpoint] = page.text.count(f"<{MARK}>{{{{7*7}}}}")
                found |= {(first, call.path): page.injected} if page.injected or ">49" in page.text else {}

    assert found == {}
    assert len([one for one, times in shown.items() if times]) > 60
