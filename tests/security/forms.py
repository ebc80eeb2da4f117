"""The forms of a page, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = {"text", "search", "email", "tel", "url", "password", "textarea"}


@dataclass
class Form:
    """Where it goes, what it holds, and which of that is typed."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self, page: str, path: str) -> None:
        """Read ``page``, which came from ``path``."""
        super().__init__()
        self.path, self.found, self._area, self._select = path, [], "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """A form, or a field of the last one."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action") or self.path, given.get("method", "get").upper()))
        elif self.found and tag == "input" and given.get("name"):
            self._input(given)
        elif self.found and tag == "textarea":
            self._area = given["name"]
            self.found[-1].fields[self._area] = ""
            self.found[-1].typed.append(self._area)
        elif self.found and tag == "select":
            self._select = given["name"]
            self.found[-1].fields[self._select] = ""
        elif tag == "option" and self._select and "selected" in given:
            self.found[-1].fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag):
        """The end of what holds text."""
        if tag == "textarea":
            self._area = ""
        if tag == "select":
            self._select = ""

    def handle_data(self, data):
        """The text of an area."""
        if self._area:
            self.found[-1].fields[self._area] += data.removeprefix("\n")

    def _input(self, given):
        kind = given.get("type", "text")
        if kind in {"checkbox", "radio"} and "checked" not in given:
            return
        if kind in {"submit", "button", "file"}:
            return
        self.found[-1].fields[given["name"]] = given.get("value", "")
        if kind in TYPED:
            self.found[-1].typed.append(given["name"])
