import csv
import io
import re
import unicodedata

import pytest

from app.config import ROOT
from app.pages.spreadsheet import lines
from tests.naughty import CANARIES, NAUGHTY

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "|", "\u2212"]
TWINS = ["＝", "＋", "－", "＠", "｜", "﹦", "﹢", "﹣", "﹫", "⁺"]
"""What becomes one of those in another width or height."""
PREFIXES = [*STARTS, *TWINS]
BEFORE = ["", "  ", "\u00a0", "\u200b", "\ufeff", "\u2060", "\u00ad", "\u3164", "\u2800", "\x00", "\x1b", "\u034f"]
"""What a spreadsheet may drop before it looks at a cell."""


def read_back(cells):
    """The second line of a table of these cells, as a spreadsheet reads it."""
    table = "".join(lines(["Name"] * len(cells), [cells]))
    assert table.startswith("\ufeff")
    return list(csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline="")))[1]


def significant(cell):
    """Its first character that is to be seen, as a spreadsheet has it."""
    folded = unicodedata.normalize("NFKC", cell)
    return next((c for c in folded if c in "\t\r\n" or unicodedata.category(c)[0] in "LNPS"), "")


@pytest.mark.parametrize("before", BEFORE, ids=ascii)
@pytest.mark.parametrize("start", PREFIXES, ids=ascii)
def test_a_cell_that_could_be_a_formula_starts_with_an_apostrophe(start, before):
    assert read_back([f"{before}{start}1+1"]) == [f"'{before}{start}1+1"]


@pytest.mark.asvs("1.2.10")
@pytest.mark.parametrize("start", PREFIXES, ids=ascii)
def test_whatever_follows_the_table_keeps_its_columns_and_no_cell_is_a_formula(start):
    cells = [f"{start}{text}" for text in (*NAUGHTY, *CANARIES)]

    found = read_back([*cells, "end"])

    assert [cell.removeprefix("'") for cell in found] == [*cells, "end"]
    assert [cell for cell in found if significant(cell) in STARTS] == []


def test_no_naughty_text_is_a_formula_by_itself():
    found = read_back([*NAUGHTY, *CANARIES])

    assert [cell for cell in found if significant(cell) in STARTS] == []
    assert len(found) == len(NAUGHTY) + len(CANARIES)


@pytest.mark.parametrize(
    "cell", ["Maya Holm", "MRN-0042", "a, b", 'say "ah"', "two\nlines", "", "É", "'t Hooft", "ÅÄÖ"]
)
def test_any_other_cell_comes_back_as_it_was(cell):
    assert read_back([cell, "x"]) == [cell, "x"]


def test_the_table_says_that_it_is_utf_8_and_ends_its_lines_as_the_standard_does():
    table = "".join(lines(["Name"], [["É"]]))

    assert table == "\ufeffName\r\nÉ\r\n"


def test_nobody_else_writes_a_table():
    importing = {
        path.name
        for folder in ("app", "prescriptions")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^(import|from) csv\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert importing == {"spreadsheet.py"}
