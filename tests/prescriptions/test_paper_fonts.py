import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from prescriptions import paper, paper_fonts
from prescriptions.brand import TYPEFACES
from prescriptions.errors import UnprintableError
from prescriptions.paper import Printer, _installed
from prescriptions.paper_fonts import FontFile, _code_points
from tests.prescriptions.builders import a_stretch
from tests.prescriptions.builders_paper import CLINIC, EDITION, PATIENT, ROOT, a_handout, pages, printed

PRINTER = """
from prescriptions.errors import UnprintableError
from prescriptions.paper import Printer
try:
    Printer()
except UnprintableError as error:
    print(error)
"""


def test_a_machine_without_the_font_prints_nothing_and_names_it(tmp_path):
    bare = tmp_path / "fonts.conf"
    bare.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>", encoding="utf-8")

    said = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", PRINTER],
        cwd=ROOT,
        env=os.environ | {"FONTCONFIG_FILE": str(bare)},
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout

    assert said == (
        "The font Noto Sans Regular is not installed, and no handout can be printed without it: "
        "install Debian's fonts-noto-core.\n"
    )


@pytest.mark.parametrize("family", TYPEFACES)
@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_each_style_must_be_there(style, family):
    there = [FontFile(one, kind, Path("x.ttf")) for one in TYPEFACES for kind in paper_fonts.STYLES]
    installed = [font for font in there if (font.family, font.style) != (family, style)]

    with pytest.raises(UnprintableError, match=f"{family} {style} is not installed"):
        paper_fonts.printable([*installed, FontFile("Open Sans", style, Path("x.ttf"))])


def test_what_one_typeface_can_print_the_other_can():
    sans, serif = (
        next(_code_points(font.path) for font in _installed() if (font.family, font.style) == (family, "Regular"))
        for family in TYPEFACES
    )

    assert sans == serif


def test_a_machine_without_the_embedding_library_prints_nothing(monkeypatch):
    monkeypatch.setattr(paper, "harfbuzz_subset", None)

    with pytest.raises(UnprintableError, match="libharfbuzz-subset is not installed"):
        Printer()


@pytest.mark.parametrize(
    ("handout", "said"),
    [
        (a_handout(a_stretch(note="Slow 漢")), "Exercises 1, note holds '漢' (U+6F22)."),
        (a_handout(a_stretch(), a_stretch(note="☐")), "Exercises 2, note holds '☐' (U+2610)."),
        (a_handout(patient=PATIENT | {"name": "שרה"}), "Patient name holds 'ש' (U+05E9)."),
        (a_handout(patient=PATIENT | {"identifier": "7🦵"}), "Record number holds '🦵' (U+1F9B5)."),
        (a_handout(brand=replace(CLINIC, clinic_name="مركز")), "Clinic name holds 'م' (U+0645)."),
        (a_handout(brand=replace(CLINIC, hours="9 → 5")), "Open holds '→' (U+2192)."),
        (a_handout(edition=replace(EDITION, therapist="ก")), "Therapist holds 'ก' (U+0E01)."),
    ],
)
def test_a_character_without_a_shape_is_refused_by_its_field(handout, said):
    with pytest.raises(UnprintableError) as refused:
        printed(handout)

    assert str(refused.value) == f"{said} The font Noto Sans has no shape for it, so the handout can't be printed."


def test_the_letters_of_a_drawing_itself_need_no_shape():
    handout = a_handout()
    sheet = handout.exercises[0]

    drawn = replace(sheet, picture=sheet.picture.replace("><", ">\n<"))

    assert printed(replace(handout, exercises=(drawn,))).startswith(b"%PDF")


@pytest.mark.parametrize(
    "name", ["Ελένη Παπαδοπούλου", "Жанна Łukasiewicz", "Žluťoučký Nguyễn", "Þóra Ðûr Œuvré ẞ", "Áñé"]
)
def test_names_of_many_languages_are_printed(name):
    handout = a_handout(patient=PATIENT | {"name": name})

    found = pages(printed(handout))

    assert all(name in page for page in found)


def test_an_unknown_paper_is_refused_by_name():
    handout = replace(a_handout(), paper="a3")

    with pytest.raises(UnprintableError, match="Paper is 'a3'; handouts are printed on a4 or letter"):
        printed(handout)


def test_a_handout_whose_stop_box_has_no_room_on_page_one_is_not_printed():
    handout = replace(a_handout(), clinic_name="Riverside " * 400)

    with pytest.raises(UnprintableError, match="no room on page 1"):
        printed(handout)
