"""What stands on the printed pages."""

import logging
from dataclasses import replace

import pytest

from prescriptions.brand import UNBRANDED
from prescriptions.paper import Printer
from tests.prescriptions.builders import ABSENT, a_glide, a_stretch
from tests.prescriptions.builders_paper import (
    CLINIC,
    LONG_NOTE,
    PATIENT,
    THE_FOUR,
    a_handout,
    a_large_handout,
    document,
    fonts,
    pages,
    printed,
    sizes,
    the_printer,
    unspaced,
)

PAPERS = {"a4": (595, 842), "letter": (612, 792)}
ON = {paper: replace(CLINIC, paper=paper) for paper in PAPERS}


def tags(pdf):
    """The structure elements of a PDF, in reading order."""

    def below(element):
        if isinstance(element, dict):
            yield element
            children = element.get("/K", [])
            for child in children if isinstance(children, list) else [children]:
                yield from below(child.get_object())

    return below(document(pdf).root_object["/StructTreeRoot"].get_object())


@pytest.mark.parametrize("paper", PAPERS)
def test_each_line_of_the_handout_is_on_the_paper(paper):
    handout = a_handout(*THE_FOUR, brand=ON[paper])

    text = " ".join(pages(printed(handout)))

    for sheet in handout.exercises:
        for line in (sheet.purpose, *sheet.needs, *sheet.dose, *sheet.steps):
            assert line.text in text
    for line in (*handout.purpose, *handout.warm_up, *handout.schedule, *handout.stop, *handout.principles):
        assert line.text in text
    for question in handout.questions:
        assert question.question in text
        assert [answer.text for answer in question.answer if answer.text not in text] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_columns_beside_each_other_lose_no_word(paper):
    handout = a_handout(*THE_FOUR, brand=ON[paper])
    wanted = [line.text for sheet in handout.exercises for line in (*sheet.feel, *sheet.avoid)]
    wanted += [cell for row in handout.contrasts for cell in (row.question, row.muscle, row.nerve)]

    words = set(" ".join(pages(printed(handout))).split())

    assert {word for line in wanted for word in line.split()} <= words


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("item", THE_FOUR)
def test_page_one_holds_purpose_stop_box_phone_warm_up_and_schedule(paper, item):
    handout = a_handout(item, timing=["after_workout", "rest_day", "morning", "evening"], brand=ON[paper])

    first = pages(printed(handout))[0]

    assert "Stop and call us" in first
    assert "Call us 555 0100" in first
    for line in (*handout.purpose, *handout.stop, *handout.warm_up, *handout.schedule):
        assert line.text in first


@pytest.mark.parametrize("paper", PAPERS)
def test_no_name_or_address_pushes_the_stop_box_off_page_one(paper):
    handout = a_large_handout(paper)

    first = pages(printed(handout))[0]

    assert [line.text for line in handout.stop if line.text not in first] == []
    assert handout.call[0].value in first


@pytest.mark.parametrize("paper", PAPERS)
def test_every_page_names_patient_program_version_and_its_number(paper):
    found = pages(printed(a_handout(*THE_FOUR, brand=ON[paper])))

    for number, page in enumerate(found, start=1):
        assert "Sample Patient" in page
        assert "Program HW-7F3K2Q9P, version 2" in page
        assert f"Page {number} of {len(found)}" in page


def test_every_page_of_a_demonstration_says_so():
    handout = a_handout(brand=replace(CLINIC, is_demonstration=True))

    found = pages(printed(handout))

    assert all(handout.notice in page for page in found)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("note", [ABSENT, "Slow and easy. " * 4 + "And rest.", LONG_NOTE])
def test_an_exercise_is_never_split_over_two_pages(paper, note):
    items = [item | {"note": note} if note is not ABSENT else item for item in THE_FOUR]
    handout = a_handout(*items, brand=ON[paper])

    found = pages(printed(handout))

    for sheet in handout.exercises:
        page = next(page for page in found if sheet.title in page)
        assert sheet.steps[0].text.split()[0] in page
        assert unspaced(sheet.steps[-1].text) in unspaced(page)
        assert (*sheet.not_felt, *sheet.avoid)[-1].text.split()[-1] in page
        assert sheet.note in page


@pytest.mark.parametrize(
    ("items", "most"), [([a_stretch()], 4), ([a_stretch(), a_glide(note="Slow and easy.")], 5), (THE_FOUR, 7)]
)
@pytest.mark.parametrize("paper", PAPERS)
def test_a_handout_is_no_longer_than_it_must_be(items, most, paper):
    pdf = printed(a_handout(*items, brand=ON[paper]))

    assert len(document(pdf).pages) <= most


@pytest.mark.parametrize(("paper", "size"), PAPERS.items())
def test_the_clinic_chooses_the_paper(paper, size):
    pdf = printed(a_handout(brand=ON[paper]))

    for page in document(pdf).pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == size


def test_the_diary_has_a_row_a_week_and_a_column_a_day():
    found = list(tags(printed(a_handout(weeks=14, sessions_per_week=5))))

    rows = [tag for tag in found if tag.get("/S") == "/TR"]
    boxes = [tag for tag in found if tag.get("/S") == "/TD"]

    facts, contrasts, heads, weeks = 8, 4, 2, 14
    assert len(rows) == facts + contrasts + heads + weeks
    assert len(boxes) == facts + 7 + weeks * (5 + 1)


def test_the_pdf_is_tagged_and_has_a_language_a_title_and_the_date_of_issue():
    found = document(printed(a_handout()))

    assert found.root_object["/MarkInfo"]["/Marked"]
    assert found.root_object["/Lang"] == "en"
    assert found.root_object["/ViewerPreferences"]["/DisplayDocTitle"]
    assert found.metadata.title == "Exercises for tightness behind your knee: program HW-7F3K2Q9P, version 2"
    assert found.metadata.creation_date.date().isoformat() == "2026-11-22"


def test_the_picture_can_be_read_aloud():
    handout = a_handout(*THE_FOUR)

    found = [tag["/Alt"] for tag in tags(printed(handout)) if tag.get("/S") == "/Figure"]

    assert found == [sheet.picture_text for sheet in handout.exercises]


def test_one_font_family_is_embedded_and_no_other():
    assert fonts(printed(a_handout(*THE_FOUR, patient=PATIENT | {"name": "Ελένη Жанна Łukasz"}))) == [
        "Noto-Sans",
        "Noto-Sans-Bold",
    ]


@pytest.mark.parametrize("handout", [a_handout(*THE_FOUR), a_large_handout("letter")], ids=["usual", "large"])
def test_nothing_is_set_smaller_than_twelve_points(handout):
    found = sizes(printed(handout))

    assert min(found) >= 12
    assert 14 in found


def test_what_the_command_line_does_not_know_has_its_label_and_a_line_to_write_on():
    handout = a_handout(patient=ABSENT, brand=UNBRANDED)

    first = pages(printed(handout))[0]

    assert first.startswith("Phone Exercises")
    assert "Name Born Record number Next check" in first
    assert (
        the_printer().to_html(handout).count('<span class="blank">') == len(["clinic", "footer", "phone", "call"]) + 3
    )


def test_printing_says_nothing_to_the_log(caplog):
    caplog.set_level(logging.WARNING)

    printed(a_handout(*THE_FOUR))
    printed(a_large_handout("letter"))

    assert caplog.records == []


@pytest.mark.parametrize("paper", PAPERS)
def test_the_widest_name_leaves_program_and_version_on_every_page(paper):
    handout = a_handout(patient=PATIENT | {"name": "W" * 120}, brand=ON[paper])

    found = pages(printed(handout))

    assert [page for page in found if f"Program {handout.program_number}, version {handout.version}" not in page] == []


@pytest.mark.parametrize(("length", "setting"), [(0, 0), (70, 0), (74, 2), (200, 2), (500, 3)])
def test_a_note_makes_the_picture_smaller_only_when_it_must(length, setting):
    item = THE_FOUR[0] | ({"note": LONG_NOTE[:length].strip()} if length else {})
    printer, tried = Printer(), []
    to_html = printer.to_html
    printer.to_html = lambda handout, rooms=(): tried.append(list(rooms)) or to_html(handout, rooms)

    printer.print_pdf(a_handout(item))

    assert tried[-1] == [setting]


def test_an_exercise_that_would_be_split_is_set_more_tightly(monkeypatch):
    monkeypatch.setattr("prescriptions.layouts.LONG_NOTES", (1000, 1000))  # as if every note were short
    item = THE_FOUR[2] | {"note": LONG_NOTE}
    printer, tried = Printer(), []
    to_html = printer.to_html
    printer.to_html = lambda handout, rooms=(): tried.append(list(rooms)) or to_html(handout, rooms)

    printer.print_pdf(a_handout(item, brand=ON["letter"]))

    assert tried == [[0], [2], [3], [4]]
