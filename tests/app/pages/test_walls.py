"""Every page against everybody who may not have it."""

import re
from pathlib import Path

import pytest

from app.config import ROOT
from app.pages import ADDRESSES
from app.policy import POLICY, PUBLIC, access_to
from tests.builders import STRANGER_ID, a_draft, an_issued_program

PRESCRIBING = {"screen", "start_draft", "draft", "check_draft", "discard_draft", "withdraw_program"}
EVERY = [(address, endpoint, method) for address, endpoint, _, methods in ADDRESSES for method in methods]
BEHIND_A_SIGN_IN = [row for row in EVERY if access_to(f"pages.{row[1]}", row[2]) is not PUBLIC]
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if "handout" not in path.parts]


@pytest.fixture
def address_of(app, alma, screened):
    """Fills an address with the ids of Riverside."""
    with app.app_context():
        program = an_issued_program(alma, patient=screened)
        ids = {"patient_id": screened.id, "draft_id": a_draft(screened, alma).id, "program_id": program.id}
    return lambda address: re.sub(r"<(\w+)>", lambda found: ids.get(found[1], "any"), address)


def anything_of(address):
    return re.sub(r"<\w+>", STRANGER_ID, address)


@pytest.mark.parametrize("row", EVERY, ids=lambda row: f"{row[2]} {row[1]}")
def test_every_page_has_a_row_in_the_policy(row):
    _, endpoint, method = row

    assert (f"pages.{endpoint}", method) in POLICY


@pytest.mark.parametrize("row", BEHIND_A_SIGN_IN, ids=lambda row: f"{row[2]} {row[1]}")
def test_a_page_without_a_sign_in_leads_to_the_sign_in(anonymous, row):
    address, _, method = row

    answer = anonymous.open(anything_of(address), method=method)

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("row", [row for row in EVERY if row[1] in PRESCRIBING], ids=lambda row: f"{row[2]} {row[1]}")
@pytest.mark.parametrize("who", ["as_sten", "as_ada"])
def test_only_therapists_prescribe(request, address_of, who, row):
    address, _, method = row

    answer = request.getfixturevalue(who).open(address_of(address), method=method)

    assert answer.status_code == 403
    assert "Your role in the clinic does not include this." in answer.text


@pytest.mark.parametrize("row", [row for row in EVERY if row[2] == "GET"], ids=lambda row: row[1])
def test_no_page_is_kept_by_a_browser_but_the_catalogues_pictures(as_alma, address_of, row):
    answer = as_alma.get(address_of(row[0]))

    assert answer.headers["Cache-Control"] == "no-store" or row[1] == "picture"


def test_a_stylesheet_whose_address_carries_its_hash_is_kept_for_ever(anonymous):
    address = re.search(r'<link rel="stylesheet" href="([^"]+)">', anonymous.get("/sign-in").text)[1]

    with anonymous.get(address) as hashed, anonymous.get("/static/app.css") as bare:
        kept, not_kept = hashed.headers["Cache-Control"], bare.headers["Cache-Control"]

    assert re.fullmatch(r"/static/app\.css\?v=[0-9a-f]{12}", address)
    assert kept == "public, max-age=31536000, immutable"
    assert "immutable" not in not_kept


def test_a_page_that_does_not_exist_says_so_in_plain_words(as_alma):
    answer = as_alma.get("/nowhere")

    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert "Go to patients" in answer.text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_quotes_every_attribute_and_holds_no_style_or_script(template: Path):
    text = re.sub(r"{[{%#].*?[}%#]}", "x", template.read_text(), flags=re.DOTALL)
    unquoted = re.findall(r"<[^>]*\s[\w-]+=[^\"\s>][^>]*>", re.sub(r'"[^"]*"', '""', text))

    ours = '<script type="module" src="x"></script>'
    inline = re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:", text.replace(ours, ""))

    assert (unquoted, inline) == ([], [])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_never_switches_escaping_off(template: Path):
    assert re.findall(r"\|\s*safe|autoescape|Markup", template.read_text()) == []
