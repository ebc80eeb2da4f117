"""The page as WeasyPrint takes it, by a shorter way: it goes round two of its private interfaces.

What that saves and what it costs at the next upgrade stands in docs/decisions/0086-lean-pages.md. Where either
interface changes, handouts stay as they are and take longer, or the tests of this module fail.
"""

import re
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree as ET

import cssselect2
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher

UNUSED = re.compile(r"^(?:::(?:footnote|note)-[a-z]+|::marker|:link|q::|wbr::|:is\(input|input).*$", re.MULTILINE)
"""Rules of the user agent's sheet that each element is matched against, and that no handout has a use for."""
MARKERS = "li::marker { white-space: pre; text-transform: none }"
"""What of the rule for markers is needed, for list items alone and without the figures that leak."""


class Page(HTML):  # type: ignore[misc] # WeasyPrint ships no types
    """A page of a handout, from text."""

    def __init__(self, text: str, url_fetcher: URLFetcher) -> None:
        """Read well-formed text as XML, and anything else as WeasyPrint would."""
        try:
            # Nothing typed gets into a page unescaped, and the page declares no entity.
            root = ET.fromstring(text)  # noqa: S314
        except ET.ParseError:
            super().__init__(string=text, base_url=None, url_fetcher=url_fetcher)
            return
        self.base_url, self.url_fetcher, self.media_type = None, url_fetcher, "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:  # noqa: FBT001, FBT002 - WeasyPrint's signature
        return [_trimmed()] if not forms else super()._ua_stylesheets(forms)


@cache
def _trimmed() -> CSS:
    """WeasyPrint's own sheet without what handouts never use; its counter styles come by another way."""
    sheet = (files("weasyprint.css") / "html5_ua.css").read_text(encoding="utf-8").split("/* Counters */")[0]
    return CSS(string=f"{UNUSED.sub('', sheet)}\n{MARKERS}", url_fetcher=URLFetcher(allowed_protocols=()))
