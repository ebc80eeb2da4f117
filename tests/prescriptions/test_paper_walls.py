"""Nothing from outside gets into a handout, and no text turns into anything else."""

import json
import re
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from prescriptions import handout_page
from prescriptions.errors import UnprintableError
from tests.prescriptions.builders import a_stretch
from tests.prescriptions.builders_paper import (
    LONG_NOTE,
    PATIENT,
    ROOT,
    a_handout,
    a_large_handout,
    pages,
    printed,
    the_printer,
    unspaced,
)
from tests.prescriptions.doors import CLOSED, DOORS

ADDRESSES = ["file:///etc/hostname", "http://127.0.0.1:9/x", "https://127.0.0.1:9/x", "ftp://127.0.0.1:9/x"]
DATA = "data:text/plain,x"


def a_page(body):
    return f'<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><h1>x</h1>{body}</body></html>'


@pytest.mark.asvs("1.3.6", "13.2.5")
@pytest.mark.parametrize("address", [*ADDRESSES, DATA])
@pytest.mark.parametrize("door", DOORS)
def test_a_page_that_asks_for_anything_is_not_printed(door, address):
    html = a_page(DOORS[door].format(address=address))

    with pytest.raises(UnprintableError, match=r"may not fetch anything|A part of the handout can't be printed"):
        the_printer().write(html)


WATCHED = """
import json, os, sys, tempfile
from prescriptions import paper
from prescriptions.errors import UnprintableError
from weasyprint.urls import URLFetcher

printer, pages = paper.Printer(), json.load(sys.stdin)
seen, refused, opened = [], 0, set()

def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "subprocess.", "os.system")) or event == "open":
        seen.append((event, str(arguments[0])))

printer.write(pages["plain"])
tempfile.gettempdir()  # tries the folder once, by writing a file; without a compiler nothing has asked for it yet
sys.addaudithook(watch)
printer.write(pages["plain"])
for html in pages["hostile"]:
    try:
        printer.write(html)
    except (UnprintableError, AssertionError):
        refused += 1
asked = [entry for entry in seen if "/weasyprint/" not in entry[1]]
paper.DenyAll = lambda _logo=b"": URLFetcher()  # as WeasyPrint comes
for html in pages["canary"]:
    seen.clear()
    try:
        printer.write(html)
    except Exception:
        pass
    if any("canary" in entry[1] for entry in seen):
        opened.add(html)
print(json.dumps([refused, asked, len(opened)]), flush=True)
os._exit(0)  # a hook can't be taken out again, and calling it crashes an interpreter that is being taken down
"""


@pytest.mark.asvs("1.3.6", "13.2.5")
def test_printing_opens_no_file_and_no_connection_and_would_without_its_walls(tmp_path):
    canaries = [tmp_path / "canary" / f"{number}.svg" for number in range(len(DOORS))]
    canaries[0].parent.mkdir()
    for canary in canaries:
        canary.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    doors = [*DOORS.values(), *CLOSED.values()]
    given = {
        "plain": a_page("<p>x</p>"),
        "hostile": [a_page(door.format(address=address)) for door in doors for address in ADDRESSES],
        "canary": [
            a_page(door.format(address=canary.as_uri())) for door, canary in zip(DOORS.values(), canaries, strict=True)
        ],
    }

    refused, asked, opened = json.loads(
        subprocess.run(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-c", WATCHED],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            input=json.dumps(given).encode(),
        ).stdout
    )

    assert len(doors) >= 38
    assert refused >= len(DOORS) * len(ADDRESSES)
    # WeasyPrint reads its own style sheet and colours for each page; fontconfig's files are opened by C code before.
    assert asked == []
    assert opened == len(DOORS)


HOSTILE = [
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %} {# hidden #}",
    '"><img src="file:///etc/passwd">',
    "</bdi></p></div><h1>Take two</h1>",
    "<!-- a comment --> &amp; &lt; &#x41; ]]>",
    "url(file:///etc/passwd) @import 'x'; } body { display: none }",
    "<svg><title>x</title></svg>",
    "Rest -- and 'quote' \"it\" \\ ` $HOME %s {0} \\0041",
]


@pytest.mark.asvs("1.3.5", "1.3.7")
@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_typed_stays_text(text):
    handout = a_handout(a_stretch(note=text), patient=PATIENT | {"name": text, "identifier": text})

    found = pages(printed(handout))

    assert unspaced("Note from your therapist" + text) in unspaced(found[1])
    assert all(unspaced(text) in unspaced(page) for page in found)
    assert unspaced("Record number" + text) in unspaced(found[0])


@pytest.mark.parametrize(
    "note",
    ["W" * 500, "i" * 500, "Ω" * 499 + "!", "lie-down " * 55, "https://a.example/" + "b" * 400, LONG_NOTE],
    ids=["wide", "narrow", "greek", "hyphens", "address", "words"],
)
def test_a_long_note_is_broken_and_never_clipped(note):
    handout = a_handout(a_stretch(note=note))

    found = "".join(pages(printed(handout)))

    assert unspaced(note) in unspaced(found)


def test_a_right_to_left_override_is_contained():
    html = the_printer().to_html(a_handout(a_stretch(note="Slow.")))

    assert "<bdi>Sample Patient</bdi>" in html
    assert "<bdi>Slow.</bdi>" in html


TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in handout_page.TEMPLATES.glob("*.html")}
STYLE = (handout_page.TEMPLATES / "handout.css").read_text(encoding="utf-8")
OPEN_ON_PURPOSE = {
    "handout.html": ['src="asset:logo"'],
    "web.html": [
        'content="width=device-width, initial-scale=1"',
        '<link rel="stylesheet" href="{{ style }}">',
        "<style>",
        'src="{{ logo }}"',
    ],
}
"""Our own logo, by the one address that the paper may ask for; and what the browser's page is told by its caller."""


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize(
    "pattern",
    [r"\|\s*safe", r"autoescape", r"\bstyle=", r"<style", r"<script", r"\bon\w+=", r"href=", r"src=", r"=\{\{", r"=\w"],
)
def test_the_template_has_no_hole_for_text_to_slip_through(name, pattern):
    markup = TEMPLATES[name]
    for known in OPEN_ON_PURPOSE.get(name, []):
        assert known in markup
        markup = markup.replace(known, "")
    if pattern in {r"=\w", r"\bstyle="}:
        markup = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "{{}}", markup, flags=re.DOTALL)

    assert re.search(pattern, markup) is None


@pytest.mark.parametrize(
    "pattern",
    """flex grid columns anywhere break-all overflow:\\s*hidden url\\( @import @font-face italic uppercase opacity
    serif monospace style-position justify""".split(),  # noqa: SIM905 - a list of words reads better in a row
)
def test_the_style_keeps_to_what_is_known_to_be_safe(pattern):
    rules = re.sub(r"/\*.*?\*/", "", STYLE, flags=re.DOTALL)

    assert re.search(pattern, rules) is None


def test_tables_have_a_fixed_layout():
    assert re.search(r"^table \{ table-layout: fixed; width: 100%", STYLE, re.MULTILINE)


@pytest.mark.parametrize("note", ["W" * 500, "Z\u0301\u0302\u0303 " * 125], ids=["wide", "stacked marks"])
def test_a_program_with_every_field_at_its_limit_is_printed_in_time_and_leaves_no_harm(note):
    usual = printed(a_handout())
    largest = a_large_handout("letter")
    hostile = replace(largest, exercises=tuple(replace(sheet, note=note.strip()) for sheet in largest.exercises))
    begun = time.process_time()

    assert printed(hostile).startswith(b"%PDF-")

    assert time.process_time() - begun < 10
    assert printed(a_handout()) == usual
