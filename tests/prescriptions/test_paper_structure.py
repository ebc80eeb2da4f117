"""What somebody hears who has the handout read aloud, and what a validator does not look at."""

import pytest

from prescriptions import paper_finish
from tests.prescriptions.builders_paper import (
    LONG_NOTE,
    THE_FOUR,
    a_handout,
    a_large_handout,
    document,
    printed,
    the_printer,
)
from tests.prescriptions.structure import elements, faults

HANDOUTS = {
    "four exercises": a_handout(*THE_FOUR, weeks=14),
    "as large as can be": a_large_handout("letter"),
}


@pytest.mark.parametrize("name", HANDOUTS)
def test_the_structure_is_whole_and_says_what_each_part_is(name):
    assert faults(printed(HANDOUTS[name])) == []


def test_steps_are_numbered_and_other_lists_are_not():
    handout = a_handout(*THE_FOUR, weeks=1)

    lists = [one["/A"]["/ListNumbering"] for one in elements(printed(handout)) if one["/S"] == "/L"]

    assert lists == ["/Disc", *["/Decimal"] * len(handout.exercises), "/Disc"]


def test_each_repair_is_missed_when_it_is_left_out(monkeypatch):
    for step in ("part_from_page_furniture", "place_figures", "direct_table_heads", "number_lists"):
        monkeypatch.setattr(paper_finish.Tree, step, lambda *_: None)

    found = " ".join(faults(printed(a_handout(weeks=1))))

    wanted = [
        "of them in the tree",
        "belong to nothing",
        "a figure at",
        "a head of a table",
        "a list does not",
        "its foot",
    ]
    assert [fault for fault in wanted if fault not in found] == []


def test_what_says_nothing_has_no_place_in_the_tree():
    handout = a_handout(weeks=1)

    bare = [one["/S"] for one in elements(printed(handout)) if one["/S"] in {"/Span", "/NonStruct"}]

    assert bare == []


def test_a_list_that_a_page_cuts_is_numbered_on_both_pages():
    html = (
        '<html lang="en"><title>x</title><h1>x</h1><ul><li>one</li></ul>'
        f"<ol>{''.join(f'<li>{LONG_NOTE}</li>' for _ in range(6))}</ol><ul><li>two</li></ul>"
    )
    pdf = the_printer().write(html)

    lists = [one["/A"]["/ListNumbering"] for one in elements(pdf) if one["/S"] == "/L"]
    assert len(document(pdf).pages) == 2
    assert lists == ["/Disc", "/Decimal", "/Decimal", "/Disc"]
