"""Searching, filtering and turning pages: whatever is asked for, only our own columns, and never a fault."""

import ast
import re

import pytest

from app.config import ROOT
from tests.builders import a_patient
from tests.naughty import CANARIES, HOSTILE, NAUGHTY
from tests.security.walking import a_world, pages_to_read

LISTS = {
    "/patients": ("search", "q", "page"),
    "/history": ("search", "patient", "number", "status", "therapist", "issued_from.day", "issued_to.year", "page"),
    "/api/v1/patients": ("text", "page"),
    "/api/v1/programs": ("text", "status", "issued_from", "issued_to", "patient_id", "issued_by_id", "page"),
}
"""What is asked by an address."""
SEARCHES = {
    "/patients": ("q",),
    "/history": ("patient", "number", "status", "therapist", "issued_from.day", "issued_to.year"),
    "/api/v1/patients/search": ("text", "page"),
    "/api/v1/programs/search": ("text", "status", "issued_from", "issued_to", "patient_id", "issued_by_id", "page"),
}
"""What is sent, and found by words."""
SORTS = (
    "sort",
    "_sort",
    "order",
    "order_by",
    "limit",
    "per_page",
    "offset",
    "fields",
    "filter",
    "columns",
    "direction",
)
ODD_PAGES = (
    "0",
    "-1",
    "1_0",
    "１",
    "١",
    " 1",
    "1 ",
    "+1",
    "1.0",
    "1e1",
    "10" * 200,
    "NaN",
    "x",
    "",
    "0x1",
    "999999999",
)
SQL_MAKERS = {
    "app/models/triggers.py",
    "app/models/walls.py",
    "app/models/walls_check.py",
    "app/database.py",
    "app/boot.py",
}
"""Modules that build statements out of names of our own tables and settings; none of them sees what anybody typed."""
TEXT_USERS = {"app/models/triggers.py", "app/models/walls_check.py", "app/services/integrity.py"}
_SQL = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|ORDER BY|PRAGMA|ALTER TABLE)\b", re.DOTALL
)


def values():
    """What has broken others, as far as a browser can send it."""
    texts = [value for value in (*NAUGHTY[::2], *CANARIES[::4], *HOSTILE) if len(value) < 2000]
    return [value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for value in texts]


@pytest.mark.parametrize("path", LISTS)
def test_no_filter_is_ever_a_fault(app, alma, as_alma, path):
    with app.app_context():
        a_world(alma)
    found = {}
    for place, name in enumerate(LISTS[path]):
        for text in values()[place :: 3 * len(LISTS[path])]:
            found[name, ascii(text)] = as_alma.get(path, query_string={name: text}).status_code

    assert {one: status for one, status in found.items() if status not in {200, 422, 429}} == {}


@pytest.mark.parametrize("path", SEARCHES)
def test_no_search_is_ever_a_fault(app, alma, as_alma, path):
    with app.app_context():
        a_world(alma)
    found = {}
    for place, name in enumerate(SEARCHES[path]):
        # All of it for the first, which is searched for; a part of it for each of the others.
        for text in values() if place == 0 else values()[place :: 3 * len(SEARCHES[path])]:
            sent = {"json" if path.startswith("/api/") else "data": {name: text}}
            found[name, ascii(text)] = as_alma.post(path, **sent, follow_redirects=True).status_code

    assert {one: status for one, status in found.items() if status not in {200, 422, 429}} == {}


@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize("path", LISTS)
def test_nobody_chooses_columns_or_numbers_of_rows(app, alma, as_alma, path):
    with app.app_context():
        for number in range(30):
            a_patient(alma, name=f"Patient {number:02}")
    plain = as_alma.get(path)

    for name in SORTS:
        for value in ("name", "password_hash", "1;--", "(SELECT 1)", "1000000000"):
            answer = as_alma.get(path, query_string={name: value})
            assert answer.status_code == (422 if path.startswith("/api/") else 200)
            if answer.status_code == 200:
                assert answer.text.count("/patients/") == plain.text.count("/patients/")


@pytest.mark.parametrize("path", LISTS)
def test_a_page_number_is_plain_digits_or_none_and_beyond_the_end_is_empty(as_alma, path):
    found = {page: as_alma.get(path, query_string={"page": page}).status_code for page in ODD_PAGES}

    assert set(found.values()) == {422 if path.startswith("/api/") else 200}
    assert as_alma.get(path, query_string={"page": "100000"}).status_code == 200


@pytest.mark.asvs("1.2.4")
def test_a_wildcard_is_looked_for_as_it_stands(app, alma, as_alma):
    with app.app_context():
        a_patient(alma, name="Maya Holm")

    found = {
        text: as_alma.post("/api/v1/patients/search", json={"text": text}).json["total"]
        for text in ("maya", "%", "_", "\\", "%%", "M%a", "M_ya")
    }

    assert [text for text, total in found.items() if total] == ["maya"]


def is_put_together(node):
    """Whether an expression is text made of pieces: with f"", +, % or format."""
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(one, ast.FormattedValue) for one in values)
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return True
        case ast.Call(func=ast.Attribute(attr="format")):
            return True
    return False


def statements(tree):
    """Where SQL is put together."""
    for node in filter(is_put_together, ast.walk(tree)):
        parts = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if _SQL.search(" ".join(parts)):
            yield node.lineno


@pytest.mark.asvs("1.2.4")
def test_no_statement_is_put_together_from_pieces():
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if list(statements(ast.parse(path.read_text())))
    }

    assert found <= SQL_MAKERS


@pytest.mark.asvs("1.2.4")
def test_few_modules_write_sql_by_hand():
    by_hand = re.compile(
        r"from sqlalchemy import [^\n]*\btext\b|from sqlalchemy import \([^)]*\btext,|\bliteral_column\b"
    )
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*.py") if by_hand.search(path.read_text())}

    assert found == TEXT_USERS


def test_every_list_is_asked_here(app):
    with_pages = {call.path for call in pages_to_read(app) if call.path in LISTS}

    assert with_pages == LISTS.keys()
