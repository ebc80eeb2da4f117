"""What went wrong on the way to paper in other systems. Which test answers which advisory stands in advisories.toml."""

import ast
import json
import re
import shutil
from dataclasses import replace

import pytest

from app.clock import now
from app.config import ROOT
from app.services import catalogue, programs
from prescriptions.packs import HAMSTRING
from tests.builders import a_screened_patient, an_issued_program
from tests.naughty import MARK
from tests.prescriptions.builders_paper import CLINIC, a_handout, document, pages, printed, the_printer, unspaced
from tests.security.markup import Page
from tests.security.walking import a_world, ask, pages_to_read

GIVEN = {
    "Page": set(),
    "CSS": {"string", "base_url", "url_fetcher", "font_config"},
    "render": {"stylesheets", "font_config", "pdf_variant", "cache"},
    "write_pdf": {"pdf_variant", "attachments", "finisher"},
}
"""What the paper passes to the library that makes it a PDF."""
PASSED_BY = {
    "base_url": {"None"},
    "cache": {"dict(self._pictures)"},
    "attachments": {"attachments"},
    "url_fetcher": {"DenyAll()", "URLFetcher(allowed_protocols=())"},
    "stylesheets": {"styles"},
    "pdf_variant": {"VARIANT"},
}


def calls_of_the_library():
    """Every call that makes a page or a PDF of something, with what it is given."""
    for path in sorted((ROOT / "prescriptions").glob("paper*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                given = {word.arg or "**": ast.unparse(word.value) for word in node.keywords}
                if name in GIVEN and "handout" not in given:  # a template is rendered as well
                    yield name, [ast.unparse(one) for one in node.args], given


def test_the_paper_hands_no_data_and_no_address_to_what_draws_it():
    found = list(calls_of_the_library())

    assert {name for name, *_ in found} == GIVEN.keys()
    assert [
        (name, given) for name, args, given in found if (args and name != "Page") or given.keys() - GIVEN[name]
    ] == []
    assert [
        given for *_, given in found for word in given.keys() & PASSED_BY if given[word] not in PASSED_BY[word]
    ] == []
    assert [args[1:] for name, args, _ in found if name == "Page"] == [["DenyAll(logo)"]]
    assert all("url_fetcher" in given for name, _, given in found if name == "CSS")


def test_an_old_attribute_of_markup_draws_nothing():
    sheet = '<!DOCTYPE html><html lang="en"><head><title>x</title></head><body{}><h1>x</h1><p>x</p></body></html>'

    plain, hinted = (the_printer().write(sheet.format(hint)) for hint in ("", ' bgcolor="red" text="blue"'))

    assert plain == hinted


HOSTILE = (
    '"><link rel="attachment" href="file:///etc/hostname">',
    "</title></head><body><img src='file:///etc/hostname' alt='x'>",
    "x' onload='x' <meta http-equiv=refresh content='0;url=file:///etc/hostname'>",
)


@pytest.mark.parametrize("text", HOSTILE, ids=["attribute", "title", "meta"])
def test_what_a_document_says_of_itself_is_only_text(text):
    handout = replace(a_handout(brand=replace(CLINIC, clinic_name=text)), title=text)

    pdf = printed(handout)

    facts = document(pdf).metadata
    assert [*document(pdf).attachments] == ["program.json"]
    assert facts.title.startswith(text)
    assert facts.author == text
    assert len(pages(pdf)) == len(pages(printed(a_handout())))


BESIDE = ("html", "template", "stylesheet", "css", "url", "base_url", "path", "file", "format", "paper", "patient_id")
"""What other systems let somebody say of a print."""


def test_a_pdf_is_what_was_issued_whatever_is_said_beside_its_id(app, alma, as_alma):
    with app.app_context():
        program = an_issued_program(alma, patient=a_screened_patient(alma))
    hostile = "<h1>hwcanary</h1><img src=file:///etc/hostname>../../handout/other.html"

    for path in (f"/programs/{program.id}/pdf", f"/api/v1/programs/{program.id}/pdf"):
        issued = as_alma.get(path)
        said = as_alma.get(path, query_string=dict.fromkeys(BESIDE, hostile))
        sent = as_alma.get(path, data=dict.fromkeys(BESIDE, hostile))
        posted = as_alma.post(path, data={"html": hostile})
        assert issued.mimetype == "application/pdf"
        assert issued.data == said.data == sent.data
        assert posted.status_code == 405


@pytest.fixture
def _marked_catalogue(tmp_path, monkeypatch):
    """The catalogue with markup in each of its sentences, as a translator or an editor might leave there."""
    folder = shutil.copytree(HAMSTRING, tmp_path / "pack")
    for path in folder.rglob("*.toml"):
        if "figures" not in path.parts:
            words = r'^(text|label|message|remedy|summary|name|plain_name|title|plain_title|question|answer) = "(.*)"$'
            path.write_text(re.sub(words, rf'\1 = "\2 <{MARK}>"', path.read_text(), flags=re.MULTILINE))
    monkeypatch.setattr(catalogue, "HAMSTRING", folder)
    catalogue.pack.cache_clear()
    yield
    monkeypatch.undo()
    catalogue.pack.cache_clear()


def sentences(handout):
    """Every marked sentence of a stored handout but those that only a reading voice says."""
    values = handout.values() if isinstance(handout, dict) else handout
    for name, value in zip(handout, values, strict=True):
        if isinstance(value, str):
            yield from [value] if value.endswith(f"<{MARK}>") else []
        elif isinstance(value, dict | list) and name != "picture_text":
            yield from sentences(value)


@pytest.mark.own_app
@pytest.mark.usefixtures("_marked_catalogue")
def test_the_catalogues_own_sentences_are_only_text_on_every_page_and_on_paper(app, alma, as_alma):
    with app.app_context():
        world = a_world(alma)
        handout = json.loads(programs.get(world["program_id"], by=alma, at=now()).handout_json)
    found, showing = {}, set()
    for call in pages_to_read(app, world):
        answer = ask(as_alma, call)
        if answer.mimetype == "text/html":
            page = Page(answer.text)
            found |= {call.endpoint: page.injected} if page.injected else {}
            showing |= {call.endpoint} if f"<{MARK}>" in page.text else set()

    paper = unspaced(" ".join(pages(as_alma.get(f"/programs/{world['program_id']}/pdf").data)))
    assert found == {}
    assert showing >= {"pages.catalogue", "pages.exercise", "pages.sources", "pages.draft", "pages.screen"}
    assert len(list(sentences(handout))) > 30
    assert [one for one in sentences(handout) if unspaced(one) not in paper] == []
