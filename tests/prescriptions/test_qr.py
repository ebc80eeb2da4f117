import re

import pytest
import segno

from prescriptions.paper_pictures import checked
from prescriptions.qr import QUIET, square

ADDRESS = "https://programs.clinic.example/sheet/7F3K2Q9P"


def modules(svg):
    """The dark modules of a drawing, as they would be seen."""
    bars = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg)
    return {(int(left) + step, int(top)) for left, top, length in bars for step in range(int(length))}


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS + "/x" * 60])
def test_the_square_shows_every_module_of_the_address(address):
    expected = {
        (column + QUIET, row + QUIET)
        for row, line in enumerate(segno.make_qr(address, error="m").matrix)
        for column, dark in enumerate(line)
        if dark
    }

    assert modules(square(address, "A square")) == expected


def test_the_square_has_white_around_it_on_each_side():
    svg = square(ADDRESS, "A square")
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])

    edges = [place for module in modules(svg) for place in module]

    assert (min(edges), max(edges)) == (QUIET, size - QUIET - 1)


def test_the_square_is_a_sound_picture_that_can_be_read_aloud():
    svg = square(ADDRESS, "Scan <this> & see")

    assert checked(svg) == svg
    assert "<title>Scan &lt;this&gt; &amp; see</title>" in svg
