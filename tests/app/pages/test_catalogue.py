import re
from xml.etree import ElementTree as ET

import pytest

from app.services.catalogue import pack
from tests.builders import GLIDE, SUPINE


def test_the_catalogue_lists_each_exercise_with_its_documented_dose(as_sten):
    page = as_sten.get("/catalogue").text

    assert all(exercise.name in page for exercise in pack().exercises.values())
    assert "Sets 2 to 3, repetitions 10 to 15." in page


def test_an_exercise_shows_its_steps_ranges_picture_and_the_sources_of_each(as_sten):
    page = as_sten.get(f"/catalogue/{GLIDE}").text

    assert "Sit up tall on a chair." in page
    assert "<dt>Repetitions</dt><dd>10 to 15" in page
    assert "Cannot be prescribed" in page
    assert 'alt="Side view.' in page
    assert 'href="/catalogue/sources#glide.no-hold"' in page


def test_every_source_that_a_page_cites_can_be_followed(as_sten):
    sources = as_sten.get("/catalogue/sources").text

    cited = set()
    for exercise_id in pack().exercises:
        cited |= set(re.findall(r"/catalogue/sources#([\w.-]+)", as_sten.get(f"/catalogue/{exercise_id}").text))
    assert cited
    assert all(f'id="{one}"' in sources for one in cited)


def test_the_sources_page_shows_every_statement(as_sten):
    page = as_sten.get("/catalogue/sources").text

    assert all(f'id="{one}"' in page for one in pack().statements)


@pytest.mark.parametrize("side", ["", "?side=left", "?side=right", "?side=both"])
def test_a_picture_is_an_svg_that_a_browser_may_keep(as_sten, side):
    answer = as_sten.get(f"/catalogue/{SUPINE}/picture.svg{side}")

    assert answer.mimetype == "image/svg+xml"
    assert ET.fromstring(answer.data).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own drawing
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_movement_is_a_row_of_drawings_that_a_browser_may_keep(as_sten):
    answer = as_sten.get(f"/catalogue/{SUPINE}/movement.json")
    film = answer.json

    assert film["stops"][0] == 0
    assert {len(path["lines"]) for path in film["paths"]} == {1, film["stops"][-1] + 1}
    assert all(set(path["paint"]) <= {"fill", "stroke", "stroke-width"} for path in film["paths"])
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "address",
    [
        "no-such-exercise",
        "no-such-exercise/picture.svg",
        "no-such-exercise/movement.json",
        f"{SUPINE}/picture.svg?side=up",
    ],
)
def test_what_is_not_in_the_catalogue_is_not_found(as_sten, address):
    assert as_sten.get(f"/catalogue/{address}").status_code == 404
