"""The handout as a page for a browser."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from prescriptions.errors import UnprintableError
from prescriptions.handout_page import web_css, web_html
from tests.prescriptions.builders import a_stretch
from tests.prescriptions.builders_paper import PATIENT, THE_FOUR, a_full_handout, a_handout

HOSTILE = '"><script>alert(1)</script></bdi><img src=x onerror=alert(1)>'


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def tags(html):
    parser = Tags()
    parser.feed(html)
    return parser.found


def test_with_the_address_of_its_style_the_page_suits_a_strict_content_policy():
    found = tags(web_html(a_full_handout(*THE_FOUR), style="/sheet/x/style.css", logo="/logo/x"))

    assert [tag for tag, _ in found if tag in {"style", "script", "iframe", "object", "base", "form"}] == []
    assert [name for _, attributes in found for name in attributes if name == "style" or name.startswith("on")] == []
    assert [attributes["href"] for tag, attributes in found if tag == "link"] == ["/sheet/x/style.css"]
    assert [attributes["src"] for _, attributes in found if "src" in attributes] == ["/logo/x"]


def test_on_its_own_the_page_carries_its_style_and_asks_for_nothing():
    html = web_html(a_full_handout())

    assert web_css(a_full_handout()) in html
    assert [name for _, attributes in tags(html) for name in attributes if name in {"src", "href"}] == []
    assert "url(" not in html


def test_what_somebody_typed_stays_text_in_the_browser_too():
    handout = a_full_handout(a_stretch(note=HOSTILE), patient=PATIENT | {"name": HOSTILE})
    plain = a_full_handout(a_stretch(note="Slow."))

    html = web_html(handout)

    assert [tag for tag, _ in tags(html)] == [tag for tag, _ in tags(web_html(plain))]
    assert "&lt;script&gt;alert(1)" in html


def test_the_page_holds_the_clinics_colours_and_black_and_white_holds_none():
    handout = a_full_handout()

    assert f"--accent: {handout.accent}" in web_css(handout)
    assert re.findall(r"--\w+: (#\w+)", web_css(replace(handout, monochrome=True))) == ["#000000"] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"accent": "red; } body { display: none"},
        {"second": "#fff"},
        {"typeface": 'Noto Sans"; } x {'},
        {"layout": "poster"},
        {"paper": "a3"},
    ],
)
def test_a_stored_look_that_was_tampered_with_reaches_no_style(wrong):
    with pytest.raises(UnprintableError):
        web_css(replace(a_handout(), **wrong))
