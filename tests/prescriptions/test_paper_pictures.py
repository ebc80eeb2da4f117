from dataclasses import replace

import pytest

from prescriptions.errors import UnprintableError
from prescriptions.paper_pictures import checked, positions
from tests.prescriptions.builders_paper import THE_FOUR, a_handout, flat, pages, printed

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
SOUND = f'{OPEN}<title>A leg</title><g transform="scale(-1 1)"><path d="M0 0L1.5-2e-3" fill="#1a2b3c"/></g></svg>'


def test_a_drawing_of_plain_shapes_is_taken_as_it_is():
    assert checked(SOUND) == SOUND


@pytest.mark.parametrize("side", ["left", "right", "both"])
@pytest.mark.parametrize("item", THE_FOUR)
def test_every_picture_we_draw_is_sound(item, side):
    sheet = a_handout(item | ({"side": side} if "side" in item else {})).exercises[0]

    assert checked(sheet.picture) == sheet.picture


def test_each_position_of_a_picture_has_its_number_beside_it():
    picture = a_handout().exercises[0].picture

    assert positions(picture) == 2
    assert positions(picture.replace("<g>", "").replace("</g>", "")) == 0  # one with dots of its own
    assert "1 2 The numbers show the order." in flat(" ".join(pages(printed(a_handout()))))


@pytest.mark.asvs("1.5.1")
@pytest.mark.parametrize(
    "svg",
    [
        "",
        "A leg",
        "<svg",
        "<p>x</p>",
        '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "<svg><title>No namespace</title></svg>",
        f"{OPEN}<g/><title>Too late</title></svg>",
        SOUND.replace("<g ", "<script>x</script><g "),
        SOUND.replace("<g ", "<style>x</style><g "),
        SOUND.replace("<g ", "<text>x</text><g "),
        SOUND.replace("<g ", "<use/><g "),
        SOUND.replace("<g ", '<image href="file:///etc/passwd"/><g '),
        SOUND.replace("<g ", '<a href="x"/><g '),
        SOUND.replace("<g ", "<foreignObject/><g "),
        SOUND.replace("<g ", '<p xmlns="http://www.w3.org/1999/xhtml"/><g '),
        SOUND.replace("<g ", '<g onclick="x" '),
        SOUND.replace("<g ", '<g style="fill: red" '),
        SOUND.replace("<g ", '<g id="x" '),
        SOUND.replace("<g ", '<g class="x" '),
        SOUND.replace("<g ", '<g opacity="0.5" '),
        SOUND.replace("<g ", '<g xmlns:l="http://www.w3.org/1999/xlink" l:href="x" '),
        SOUND.replace("#1a2b3c", "url(#x)"),
        SOUND.replace("#1a2b3c", "file:///etc/passwd"),
        f'<!DOCTYPE svg [<!ENTITY x "y">]>{SOUND}',
        f'<?xml-stylesheet href="x"?>{SOUND}',
        SOUND.replace("<g ", "<!-- x --><g "),
    ],
)
def test_anything_else_is_no_picture(svg):
    with pytest.raises(UnprintableError, match="picture"):
        checked(svg)


def test_a_stored_picture_that_was_tampered_with_is_not_printed():
    handout = a_handout()
    sheet = replace(handout.exercises[0], picture=SOUND.replace("<g ", "<script>x</script><g "))

    with pytest.raises(UnprintableError, match="<script>"):
        printed(replace(handout, exercises=(sheet,)))
