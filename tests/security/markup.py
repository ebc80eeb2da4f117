"""What a page holds that nobody of ours put there."""

import re
from html.parser import HTMLParser

from tests.naughty import MARK

NEVER_OURS = {MARK, "base", "iframe", "object", "embed", "math", "marquee", "video", "audio", "template", "noscript"}
"""Elements that no page of ours has."""
_ACTS = re.compile(rf"on|srcdoc$|style$|{MARK}$")


class Page(HTMLParser):
    """Reads a page as a browser would, and keeps what acts."""

    def __init__(self, html: str) -> None:
        """Read all of it."""
        super().__init__()
        self.injected: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        """An element, and its attributes."""
        given = dict(attrs)
        if tag in NEVER_OURS or (tag == "script" and "src" not in given) or any(map(_ACTS.match, given)):
            self.injected.append(self.get_starttag_text() or tag)

    def handle_data(self, data):
        """What a reader sees."""
        self.text += data
