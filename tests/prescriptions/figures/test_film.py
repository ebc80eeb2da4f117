"""The film of a movement: it begins and ends with the pictures, and shows nothing that they do not."""

import re
from pathlib import Path

import pytest

import prescriptions
from prescriptions.figures import draw, film

FOLDER = Path(prescriptions.__file__).parent / "packs" / "hamstring-behind-the-knee" / "figures"
FILES = sorted(FOLDER.glob("*.toml"))
SUPINE = FOLDER / "supine-hamstring-stretch-strap.toml"
ARROW = "#111"


def steps(line: str) -> list[str]:
    """A path without the places where it starts, which depend on the frame."""
    return re.sub(r"M-?[\d.]+[ -][\d.]+", "M", line).split("M")


def near(one: str, other: str) -> bool:
    """Whether two paths have the same steps, each number within what rounding moves it."""
    numbers = [[float(text) for part in steps(line) for text in re.findall(r"-?[\d.]+", part)] for line in (one, other)]
    return len(numbers[0]) == len(numbers[1]) and all(abs(a - b) < 0.25 for a, b in zip(*numbers, strict=True))


def of_the_picture(file: Path, column: int) -> list[tuple[str, str]]:
    """Colour and line of each path of one position, without the arrows."""
    group = draw(file, "right").split("<g>")[column + 1].split("</g>")[0]
    found = re.findall(r'<path (?:fill|stroke)="([^"]+)"[^>]*? d="([^"]*)"', group)
    return [(colour, line) for colour, line in found if colour != ARROW]


def at(shown: object, drawing: int) -> list[tuple[str, str]]:
    """The same of one drawing of a film."""
    rows = []
    for path in shown["paths"]:
        line = path["lines"][drawing] if len(path["lines"]) > 1 else path["lines"][0]
        rows.append((path["paint"].get("fill") or path["paint"]["stroke"], line))
    return [row for row in rows if row[1]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_film_begins_and_ends_with_the_positions_of_the_picture(file):
    shown = film(file, "right")

    for column, stop in enumerate(shown["stops"]):
        picture, drawing = of_the_picture(file, column), at(shown, stop)
        assert [colour for colour, _ in picture] == [colour for colour, _ in drawing]
        assert all(near(one, other) for (_, one), (_, other) in zip(picture, drawing, strict=True))


def test_the_target_area_appears_towards_the_end_of_the_way():
    shown = film(SUPINE, "right")
    band = next(path for path in shown["paths"] if path["paint"].get("stroke") == "#e2540b")

    assert band["lines"][0] == band["lines"][12] == ""
    assert band["lines"][-2]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_does_not_move_is_sent_once(file):
    shown = film(file, "left")
    props = [path for path in shown["paths"] if path["paint"].get("stroke") == "#6b7785"]

    assert all(len(path["lines"]) == 1 for path in props)
    assert {len(path["lines"]) for path in shown["paths"]} == {1, shown["stops"][-1] + 1}


def test_a_film_of_the_left_leg_is_another_than_that_of_the_right():
    assert film(SUPINE, "left")["paths"] != film(SUPINE, "right")["paths"]
    assert film(SUPINE, None) == film(SUPINE, "right")
