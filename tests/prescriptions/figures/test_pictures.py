"""What is drawn: the words, the mirror, the frame, and the few plain shapes that every reader draws alike."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import prescriptions
from prescriptions.figures import describe, draw, sources
from prescriptions.figures.person import FAR, FAR_SKIN, NEAR, SHIRT, SKIN, SLEEVE

FOLDER = Path(prescriptions.__file__).parent / "packs" / "hamstring-behind-the-knee" / "figures"
FILES = sorted(FOLDER.glob("*.toml"))
ONE_LEG = [file for file in FILES if "long-sit" not in file.name]
LONG_SIT = FOLDER / "seated-long-sit-hamstring-stretch.toml"
SIDES = ("left", "right", "both", None)
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def paths(svg: str) -> list[ET.Element]:
    return list(parsed(svg).iter(f"{SVG}path"))


def outline(data: str) -> list[complex]:
    """Every point and handle of a path, in full; written here anew so that it checks the writer."""
    points: list[complex] = []
    at = 0j
    for letter, rest in re.findall(r"([Mlcz])([^Mlcz]*)", data):
        numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", rest)]
        if letter == "M":
            at = complex(*numbers)
            points.append(at)
        elif letter in "lc":
            points += [at + complex(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
            at = points[-1]
    return points


def contrast_with_white(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_reaches_outside_the_frame(file, side):
    svg = draw(file, side)
    _, _, width, height = (float(number) for number in parsed(svg).attrib["viewBox"].split())

    for path in paths(svg):
        half = float(path.get("stroke-width", "0")) / 2
        for point in outline(path.attrib["d"]):
            assert half <= point.real <= width - half
            assert half <= point.imag <= height - half


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_position_has_an_equal_share_of_the_width_so_that_it_can_be_numbered_beside_the_picture(file, side):
    svg = parsed(draw(file, side))
    width = float(svg.attrib["viewBox"].split()[2])
    groups = svg.findall(f"{SVG}g")
    share = width / len(groups)

    assert len(groups) == 2
    for column, group in enumerate(groups):
        points = [point.real for path in group for point in outline(path.attrib["d"])]
        assert column * share < min(points) < max(points) < (column + 1) * share
        assert abs((min(points) + max(points)) / 2 - (column + 0.5) * share) < 0.1 * share


@pytest.mark.parametrize("file", ONE_LEG, ids=lambda file: file.stem)
def test_the_left_leg_is_the_exact_mirror_of_the_right_position_by_position(file):
    left, right = paths(draw(file, "left")), paths(draw(file, "right"))
    half = float(parsed(draw(file, "left")).attrib["viewBox"].split()[2]) / 2
    middles = set()
    kept = 0

    for one, other in zip(left, right, strict=True):
        assert {**one.attrib, "d": ""} == {**other.attrib, "d": ""}
        if one.attrib["d"] == other.attrib["d"]:
            kept += 1
            continue
        points = list(zip(outline(one.attrib["d"]), outline(other.attrib["d"]), strict=True))
        assert all(abs(a.imag - b.imag) < 0.3 for a, b in points)
        sums = [a.real + b.real for a, b in points]
        assert max(sums) - min(sums) < 0.5
        middles.add(sums[0])

    assert kept == 2  # the rule between two positions, with its point
    assert all(min(abs(middle - half), abs(middle - 3 * half)) < 0.5 for middle in middles)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("file", ONE_LEG, ids=lambda file: file.stem)
def test_the_prescribed_leg_is_named_and_the_near_leg_is_drawn_over_the_far_one(file, side):
    svg = draw(file, side)
    other = "left" if side == "right" else "right"

    assert f"The {side} leg" in describe(file, side) or f"the {side} leg" in describe(file, side)
    assert f"The {other} leg" not in describe(file, side)
    assert svg.index(FAR) < svg.index(NEAR)


@pytest.mark.parametrize("file", ONE_LEG, ids=lambda file: file.stem)
@pytest.mark.parametrize("side", ["both", None])
def test_both_legs_one_at_a_time_are_shown_on_the_right_leg_and_say_so(file, side):
    assert re.findall(r' d="[^"]*"', draw(file, side)) == re.findall(r' d="[^"]*"', draw(file, "right"))
    assert "One leg at a time; the right leg is shown." in describe(file, side)


@pytest.mark.parametrize("side", SIDES)
def test_an_exercise_for_both_legs_at_once_takes_no_side(side):
    assert draw(LONG_SIT, side) == draw(LONG_SIT, None)
    assert not re.search(r"\b(left|right)\b", describe(LONG_SIT, side))


def test_a_side_that_is_none_of_the_four_is_refused():
    with pytest.raises(ValueError, match="sideways"):
        draw(LONG_SIT, "sideways")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_first_thing_in_a_picture_is_its_text_alternative(file, side):
    first = parsed(draw(file, side))[0]

    assert first.tag == f"{SVG}title"
    assert first.text == describe(file, side)
    assert "{" not in describe(file, side)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_picture_is_plain_shapes_in_flat_colours(file):
    root = parsed(draw(file, "left"))

    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "g", "path"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert attributes == {"viewBox", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "d"}
    colours = {element.get(name) for element in root.iter() for name in ("fill", "stroke")} - {None, "none"}
    assert all(re.fullmatch("#([0-9a-f]{3}){1,2}", colour) for colour in colours)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_target_area_is_hatched_as_well_as_coloured(file):
    svg = draw(file, "right")
    marked = paths(svg)
    band = next(i for i, path in enumerate(marked) if path.get("stroke") == "#e2540b")

    assert marked[band + 1].get("stroke") == "#fff"
    assert marked[band + 1].attrib["d"].count("M") >= 6


@pytest.mark.parametrize("colour", [NEAR, FAR, SHIRT, SLEEVE, SKIN, FAR_SKIN, "#e2540b", "#6b7785"])
def test_every_part_that_means_something_stands_out_on_white(colour):
    assert contrast_with_white(colour) >= 3


def test_near_and_far_trunk_and_skin_stay_apart_in_grey():
    assert contrast_with_white(NEAR) > 2 * contrast_with_white(SHIRT)
    assert contrast_with_white(SHIRT) > 1.4 * contrast_with_white(SKIN)
    assert contrast_with_white(NEAR) > 3 * contrast_with_white(FAR)
    assert contrast_with_white(NEAR) > 3 * contrast_with_white("#e2540b")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_picture_is_small(file):
    assert len(draw(file, "right").encode()) < 14_500


def test_another_process_with_another_hash_seed_draws_the_same_bytes():
    script = (
        "import sys; from pathlib import Path; from prescriptions.figures import draw\n"
        "print(''.join(draw(Path(file), 'left') for file in sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, *map(str, FILES)]
    root = Path(prescriptions.__file__).parent.parent
    drawn = [
        subprocess.run(  # noqa: S603 - our own interpreter and our own files
            command, env={"PYTHONHASHSEED": seed}, cwd=root, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    assert drawn[0] == drawn[1] == "".join(draw(file, "left") for file in FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_picture_cites_the_steps_it_shows(file):
    assert any(statement.endswith(".steps") for statement in sources(file))
