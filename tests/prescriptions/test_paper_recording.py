"""A picture is drawn once and replayed in every handout that shows it."""

import re

import pytest

from prescriptions import paper_recording
from prescriptions.errors import UnprintableError
from prescriptions.paper import Printer
from prescriptions.paper_recording import Recording
from tests.prescriptions.builders_paper import THE_FOUR, a_handout, pixels, printed, the_printer

SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20"><title>A &lt;square&gt; &amp; "more"</title>'
    '<path fill="#123456" d="M1 1l8 0l0 8l-8 0z"/></svg>'
)
PAGE = (
    '<html lang="en"><head><title>x</title><style>svg, img {{ display: block; width: 600px; height: 300px }}</style>'
    "</head><body><h1>x</h1>{}</body></html>"
)


def recordings(*pictures):
    printer = Printer()
    for picture in pictures:
        printer.picture(picture)
    return list(printer.picture.__self__.values())


def test_a_replayed_picture_looks_like_the_drawing_itself():
    picture = a_handout(THE_FOUR[0]).exercises[0].picture
    printer = the_printer()

    drawn, replayed = (pixels(printer.write(PAGE.format(one))) for one in (picture, printer.picture(picture)))

    assert len(set(drawn)) > 20
    assert sum(abs(one - other) > 64 for one, other in zip(drawn, replayed, strict=True)) < len(drawn) / 2000


def test_its_words_go_with_it():
    assert re.fullmatch(
        r'<img src="picture:[0-9a-f]{64}" alt="A &lt;square&gt; &amp; &#34;more&#34;"/>', the_printer().picture(SQUARE)
    )


def test_colours_stay_as_they_are_and_places_are_as_fine_as_in_the_drawing():
    (picture,) = recordings(SQUARE.replace("l8 0", "l8.04 0"))

    assert b"0.070588 0.203922 0.337255 rg" in picture.steps
    assert b"\n9 1 l\n9 9 l\n1 9 l\nh" in picture.steps


def test_it_fills_the_room_it_has_without_being_stretched():
    class Stream:
        stream, matrix = [], None

        def transform(self, *matrix):
            self.matrix = matrix

    stream = Stream()

    Recording(10, 20, b"").draw(stream, 100, 100, None)

    assert stream.matrix == (5, 0, 0, 5, 25, 0)


def test_pictures_are_kept_up_to_a_number(monkeypatch):
    monkeypatch.setattr(paper_recording, "MOST", 4)

    assert len(recordings(*[SQUARE.replace("M1 1", f"M{number} 1") for number in range(7)])) == 3


@pytest.mark.parametrize("paint", ["rgba(1,2,3,0.5)", "#12345678"])
def test_a_picture_that_shines_through_is_not_printed(paint):
    with pytest.raises(UnprintableError, match="flat colours"):
        the_printer().picture(SQUARE.replace("#123456", paint))


def test_a_handout_of_known_pictures_has_the_same_bytes():
    handout = a_handout(weeks=1)

    assert Printer().print_pdf(handout) == printed(handout) == printed(handout)
