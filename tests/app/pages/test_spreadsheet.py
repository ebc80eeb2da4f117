import csv
import io

import pytest

from app.pages.spreadsheet import lines


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠", "  ="])
def test_a_cell_that_could_be_a_formula_starts_with_an_apostrophe(start):
    table = "".join(lines(["Name"], [[f"{start}1+1"]]))

    assert list(csv.reader(io.StringIO(table, newline="")))[1] == [f"'{start}1+1"]


@pytest.mark.parametrize("cell", ["Maya Holm", "MRN-0042", "a, b", 'say "ah"', "two\nlines", "", "É"])
def test_any_other_cell_comes_back_as_it_was(cell):
    table = "".join(lines(["Name"], [[cell, "x"]]))

    assert list(csv.reader(io.StringIO(table, newline="")))[1] == [cell, "x"]


def test_the_table_says_that_it_is_utf_8_and_ends_its_lines_as_the_standard_does():
    table = "".join(lines(["Name"], [["É"]]))

    assert table == "\ufeffName\r\nÉ\r\n"
