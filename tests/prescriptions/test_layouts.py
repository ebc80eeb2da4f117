"""One content, set in every layout."""

import re
from base64 import b64encode
from dataclasses import replace
from functools import cache

import pytest

from prescriptions import layouts
from prescriptions.errors import UnprintableError
from prescriptions.handout import arranged
from prescriptions.handout_page import TEMPLATES, web_html
from prescriptions.layouts import CARDS, COMPACT, LARGE, LAYOUTS, STANDARD, Group
from tests.prescriptions.builders import a_glide, a_stretch
from tests.prescriptions.builders_paper import (
    LONG_NAME,
    LONG_NOTE,
    PATIENT,
    THE_FOUR,
    a_full_handout,
    a_logo,
    document,
    fonts,
    in_order,
    printed,
    sizes,
    the_printer,
    unspaced,
)

NOTE = "Hold on to the wall, and rest when you like."
SETTINGS = {STANDARD: ("a4", False), LARGE: ("letter", True), COMPACT: ("letter", False), CARDS: ("a4", True)}
"""Each layout once, each paper and each ink twice."""


@cache
def a_print(layout):
    paper, monochrome = SETTINGS[layout]
    handout = a_full_handout(
        THE_FOUR[0] | {"note": NOTE}, *THE_FOUR[1:], layout=layout, paper=paper, monochrome=monochrome
    )
    return handout, printed(handout)


def facts(handout):
    """What no layout may leave out: how much, how, what to stop for, whom to call, what is new."""
    yield from (line.text for line in (*handout.stop, *handout.warm_up, *handout.schedule, *handout.purpose))
    yield from (fact.value for fact in (*handout.call, *handout.contact, *handout.patient, *handout.edition))
    yield from (fact.value for fact in (*handout.review, *handout.lookup))
    yield from (f"{change.what}: {change.now}" for change in handout.changes)
    for sheet in handout.exercises:
        yield from (sheet.title, sheet.side, sheet.note)
        lines = (*sheet.dose, *sheet.needs, *sheet.steps, *sheet.feel, *sheet.not_felt, *sheet.avoid)
        yield from (line.text for line in lines)


def words_of(html):
    body = html[html.index("<body") :]
    return re.sub(r"<[^>]*>", "", re.sub(r"<title>.*?</title>", "", body)).replace("&#39;", "'")


@pytest.mark.parametrize("layout", [*LAYOUTS, "browser"])
def test_every_layout_carries_the_same_facts(layout):
    handout, pdf = a_print(STANDARD if layout == "browser" else layout)
    text = words_of(web_html(handout)) if layout == "browser" else " ".join(in_order(pdf))

    assert [fact for fact in facts(handout) if unspaced(fact) not in unspaced(text)] == []


def test_the_layouts_are_one_content():
    one, other = a_print(STANDARD)[0], a_print(COMPACT)[0]

    assert arranged(other, layout=STANDARD, paper="a4") == one


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_layout_splits_an_exercise(layout):
    handout, pdf = a_print(layout)
    pages = [unspaced(page) for page in in_order(pdf)]

    for sheet in handout.exercises:
        page = next(page for page in pages if unspaced(sheet.title) in page)
        lines = (*sheet.dose, *sheet.steps, *sheet.feel, *sheet.not_felt, *sheet.avoid)
        assert [line.text for line in lines if unspaced(line.text) not in page] == []
        assert unspaced(sheet.note) in page


@pytest.mark.parametrize("layout", LAYOUTS)
def test_page_one_says_when_to_stop_whom_to_call_how_often_and_how_to_warm_up(layout):
    handout, pdf = a_print(layout)
    first = unspaced(in_order(pdf)[0])

    said = (*handout.stop, *handout.purpose, handout.warm_up[0], handout.schedule[0])
    assert [line.text for line in said if unspaced(line.text) not in first] == []
    assert unspaced("Call us 555 0100") in first


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_page_says_whose_it_is_which_one_and_its_number(layout):
    pages = in_order(a_print(layout)[1])

    for number, page in enumerate(pages, start=1):
        assert "Sample Patient, born 9 March 1984" in page
        assert "Program HW-7F3K2Q9P, version 2, 22 November 2026" in page
        assert f"Page {number} of {len(pages)}" in page
        assert "A friend of the community" in page


@pytest.mark.parametrize(
    ("layout", "body", "least"), [(STANDARD, 14, 12), (LARGE, 18, 16), (COMPACT, 10.5, 10.5), (CARDS, 14, 12)]
)
def test_each_layout_keeps_to_its_size_of_type(layout, body, least):
    found = sizes(a_print(layout)[1])

    assert body in found
    assert min(found) >= least


def test_standard_puts_two_exercises_on_a_page_and_cards_one():
    def titles(handout, pdf):
        found = (sum(sheet.title in page for sheet in handout.exercises) for page in in_order(pdf))
        return [count for count in found if count]

    without_note = a_full_handout(*THE_FOUR)

    assert titles(without_note, printed(without_note)) == [2, 2]
    assert titles(*a_print(CARDS)) == [1, 1, 1, 1]


def test_each_card_says_by_itself_when_to_stop_whom_to_call_and_whose_it_is():
    handout, pdf = a_print(CARDS)
    cards = [page for page in in_order(pdf) if "Cut along the dashed line." in page]

    for card in cards:
        assert handout.stop[0].text in card
        assert "555 0100" in card
        assert card.count("Sample Patient, born 9 March 1984") == len(["card", "foot"])
    assert len(cards) == 4


@pytest.mark.parametrize(("count", "paper"), [(1, "a4"), (2, "letter"), (3, "a4")])
def test_compact_is_one_sheet_with_both_sides_in_use(count, paper):
    handout = a_full_handout(*THE_FOUR[:count], layout=COMPACT, paper=paper)

    pages = in_order(printed(handout))

    assert len(pages) == 2
    assert handout.exercises[0].title in pages[1]


def test_compact_of_four_exercises_is_one_sheet_of_letter_too():
    assert len(document(a_print(COMPACT)[1]).pages) == 2


def test_compact_refuses_a_fifth_exercise_with_a_sentence():
    handout = a_full_handout(*THE_FOUR, a_stretch(side="right"), layout=COMPACT)

    with pytest.raises(UnprintableError, match="holds 4 exercises, and this program has 5"):
        printed(handout)


def test_compact_refuses_notes_that_have_no_room_on_its_sheet():
    handout = a_full_handout(*[item | {"note": LONG_NOTE} for item in THE_FOUR], layout=COMPACT)

    with pytest.raises(UnprintableError, match="needs more than the 2 pages of the compact layout"):
        printed(handout)


def test_a_clinic_that_likes_compact_gets_standard_where_compact_has_no_room():
    assert layouts.suitable(COMPACT, 4) == COMPACT
    assert layouts.suitable(COMPACT, 5) == STANDARD


COLOUR = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b")


def colours(pdf):
    contents = b"\n".join(page.get_contents().get_data() for page in document(pdf).pages)
    forms = [
        form.get_object().get_data()
        for page in document(pdf).pages
        for form in page["/Resources"].get("/XObject", {}).values()
        if form.get_object().get("/Subtype") == "/Form"
    ]
    return {found.groups() for found in COLOUR.finditer(b"\n".join([contents, *forms]))}


def images(pdf):
    return [
        one.get_object()
        for page in document(pdf).pages
        for one in page["/Resources"].get("/XObject", {}).values()
        if one.get_object().get("/Subtype") == "/Image"
    ]


def test_black_and_white_is_free_of_colour_and_colour_is_the_clinics_own():
    black, coloured = colours(a_print(LARGE)[1]), colours(a_print(STANDARD)[1])

    assert {found for found in black if len(set(found)) > 1} == set()
    assert any(tuple(round(float(part) * 255) for part in found) == (0x7A, 0x1F, 0x5C) for found in coloured)


def test_the_logo_turns_grey_with_the_rest():
    spaces = {layout: {image["/ColorSpace"] for image in images(a_print(layout)[1])} for layout in (STANDARD, LARGE)}

    assert spaces == {STANDARD: {"/DeviceRGB"}, LARGE: {"/DeviceGray"}}


def test_no_handout_has_the_logo_of_the_clinic_before():
    ours = replace(a_full_handout(a_stretch(), layout=COMPACT), logo=b64encode(a_logo()).decode())
    theirs = replace(ours, logo=b64encode(a_logo(colour=(20, 60, 200))).decode())

    one, other = ({image.get_data()[:3] for image in images(printed(handout))} for handout in (ours, theirs))

    assert (one, other) == ({bytes((200, 30, 40))}, {bytes((20, 60, 200))})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_numbers_the_positions_of_each_picture(layout):
    handout = a_full_handout(*THE_FOUR, layout=layout)

    html = the_printer().to_html(handout, [0] * 4)

    assert html.count('<p class="positions"><span>1</span><span>2</span></p>') == len(handout.exercises)


def test_a_clinic_may_choose_its_typeface():
    handout = replace(a_full_handout(a_stretch(), layout=COMPACT), typeface="Noto Serif")

    assert fonts(printed(handout)) == ["Noto-Serif", "Noto-Serif-Bold"]


@pytest.mark.parametrize("layout", [LARGE, CARDS])
def test_the_longest_of_everything_loses_no_word(layout):
    items = [a_stretch(note=LONG_NOTE), a_glide(note="Ω" * 250 + " Жанна Łukasz Ελένη")]
    handout = a_full_handout(*items, layout=layout, paper="letter", patient=PATIENT | {"name": LONG_NAME})

    pages = [unspaced(page) for page in in_order(printed(handout))]

    assert [page for page in pages if unspaced(LONG_NAME) not in page] == []
    for sheet in handout.exercises:
        assert any(unspaced(sheet.note) in page and unspaced(sheet.title) in page for page in pages)


def test_a_program_of_sixty_exercises_is_laid_out_in_pairs():
    assert layouts.groups(STANDARD, [0] * 60)[-1] == Group((59, 60), "pair")


def test_a_pair_that_is_too_long_is_parted():
    apart = [{"exercise-1", "exercise-1-end"}, {"exercise-2", "exercise-2-end"}]

    assert layouts.tighter(STANDARD, [0, 0], apart) == [1, 1]
    assert layouts.tighter(STANDARD, [1, 1], apart) is None


def test_an_exercise_alone_skips_the_settings_of_pairs():
    split = [{"exercise-1"}, {"exercise-1-end"}]

    assert layouts.groups(STANDARD, [0]) == [Group((1,), "")]
    assert layouts.tighter(STANDARD, [0], split) == [2]
    assert layouts.tighter(STANDARD, [4], split) is None


def test_a_page_with_the_rest_of_page_one_gets_an_exercise_too():
    lonely = [set(), {"front-end"}, {"exercise-1", "exercise-2", "exercise-2-end"}]

    assert layouts.tighter(STANDARD, [0, 0], lonely) == [2, 0]


def test_every_setting_has_a_rule_in_the_style():
    style = (TEMPLATES / "handout.css").read_text(encoding="utf-8")
    said_by_the_template = {"with-questions", "with-contrasts", "plain", "sources-last", "diary-last"}

    named = {word for layout in LAYOUTS.values() for setting in layout.settings for word in setting.split()}

    assert {word for word in named - said_by_the_template if f".{word} " not in style} == set()
