"""The templates themselves: nothing in them turns what somebody typed into anything but text."""

import re
from html.parser import HTMLParser

import pytest
from jinja2 import nodes

from app.config import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*"))
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
SOURCES = sorted(path for folder in ("app", "prescriptions") for path in (ROOT / folder).rglob("*.py"))

_JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
ADDRESSES_OF_OURS = re.compile(r"^{{ ((url_for|asset|picture|logo_address)\(|address }}$|next or \(url_for\()")
"""What makes an address, and the names that hold such a one: in a loop, and what went through "local"."""
DRAWN_BY_US = (
    "app/pages/second_factor.py",
    "prescriptions/handout_page.py",
    "prescriptions/paper_pictures.py",
    "prescriptions/paper_recording.py",
)
"""The squares of a new app's secret; the catalogue's pictures, whose elements and attributes stand on a list; and the
style of a handout on screen, whose colours and numbers are held to patterns."""
SHEET = "templates/handout/web.html"
"""The handout on screen. Its caller gives the addresses of its style and its logo, and its one style is ours."""
MAILS = ROOT / "templates" / "mail"
"""Plain text, which nothing reads as markup."""


def name_of(path):
    return str(path.relative_to(ROOT))


class Attributes(HTMLParser):
    """Collects every attribute of a template, with Jinja's parts in it."""

    def __init__(self, source):
        super().__init__(convert_charrefs=False)
        self.parts, self.found = [], []
        self.feed(_JINJA.sub(self._hide, source))

    def _hide(self, match):
        self.parts.append(match.group(0))
        # A statement between attributes leaves a blank: what it encloses is looked at by itself.
        return f"jinja{len(self.parts) - 1}x" if match.group(0).startswith("{{") else " "

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            shown = re.sub(r"jinja(\d+)x", lambda found: self.parts[int(found.group(1))], value or "")
            self.found.append((tag, name, shown))


def attributes(path):
    return Attributes(path.read_text()).found


@pytest.mark.asvs("1.1.2")
def test_only_names_that_escape_are_templates():
    templates = [path for path in TEMPLATES if path.is_file() and "{{" in path.read_text(errors="replace")]

    assert [path for path in templates if path.suffix != ".html" and path.parent != MAILS] == []


@pytest.mark.asvs("1.1.2")
@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_nothing_is_declared_safe(app, path):
    tree = app.jinja_env.parse(path.read_text())

    filters = {node.name for node in tree.find_all(nodes.Filter)}
    called = {node.node.name for node in tree.find_all(nodes.Call) if isinstance(node.node, nodes.Name)}
    assert filters & {"safe", "xmlattr", "forceescape", "striptags", "urlize"} == set()
    assert "Markup" not in called
    assert list(tree.find_all(nodes.ScopedEvalContextModifier)) == []


@pytest.mark.asvs("1.3.2", "1.3.7")
def test_no_code_makes_markup():
    made = re.compile(r"\bMarkup\b|\brender_template_string\b|\.from_string\(|\beval\(|\bexec\(")

    assert tuple(name_of(path) for path in SOURCES if made.search(path.read_text())) == DRAWN_BY_US


@pytest.mark.asvs("1.2.1")
@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_attribute_with_data_is_quoted(path):
    assert re.findall(r"""\w=(?={{)""", path.read_text()) == []


@pytest.mark.asvs("1.2.3")
@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_data_reaches_a_script_or_a_style(path):
    found = attributes(path)
    inline = re.findall(r"<(script|style)\b[^>]*>(?!</)[^<]*{{", path.read_text())

    assert [one for one in found if one[1].startswith("on")] == []
    assert [one for one in found if one[1] in {"style", "srcdoc", "http-equiv", "formaction"}] == []
    assert inline == (["style"] if name_of(path) == SHEET else [])


@pytest.mark.asvs("1.2.2")
@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_address_is_made_by_us(path):
    links = [
        (tag, name, value)
        for tag, name, value in attributes(path)
        if name in {"href", "src", "action", "data", "poster"} and "{{" in value
        if name_of(path) != SHEET or value not in {"{{ style }}", "{{ logo }}"}
    ]

    assert [one for one in links if not (ADDRESSES_OF_OURS.match(one[2]) or one[2].startswith("#"))] == []
