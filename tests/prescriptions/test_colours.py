import pytest

from prescriptions.brand import Brand
from prescriptions.colours import TEXT_CONTRAST, contrast, greys, is_colour, legible


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#767676", "#ffffff", 4.54), ("#ff0000", "#ffffff", 4.0)],
)
def test_contrast_is_what_the_guideline_says(one, other, ratio):
    assert round(contrast(one, other), 2) == ratio
    assert round(contrast(other, one), 2) == ratio


@pytest.mark.parametrize("colour", ["#000000", "#0b5f66", "#767676"])
def test_a_colour_that_can_be_read_is_printed_as_chosen(colour):
    shade = legible(colour)

    assert (shade.printed, shade.advice) == (colour, "")


@pytest.mark.parametrize("colour", ["#777777", "#ffcc00", "#ffffff", "#00ffff", "#ff0000", "#e8f5ed"])
def test_a_colour_too_light_is_darkened_as_far_as_it_must_be(colour):
    printed = legible(colour).printed

    assert TEXT_CONTRAST <= contrast(printed) < TEXT_CONTRAST * 1.25


def test_the_administrator_is_told_what_is_printed_instead():
    said = legible("#ffcc00").advice

    assert said.startswith(
        "#ffcc00 is too light to read on white paper: its contrast is 1.5 to 1, and 4.5 to 1 is needed."
    )
    assert legible("#ffcc00").printed in said


@pytest.mark.parametrize(
    "colour", ["", "red", "#fff", "#0B5F66", "#0b5f6", "#0b5f666", "#0b5f6g", "0b5f66", "#0b5f66;"]
)
def test_what_is_no_colour_is_refused(colour):
    assert not is_colour(colour)
    with pytest.raises(ValueError, match="A colour is written as #0b5f66"):
        legible(colour)


def test_a_brand_says_how_both_its_colours_are_printed():
    accent, second = Brand(accent="#ffcc00", second="#0b5f66").shades

    assert accent.advice
    assert not second.advice


def test_a_grey_is_as_bright_as_the_colour_it_stands_for():
    grey = greys('<path fill="#c8102e"/>').split('"')[1]

    assert grey[1:3] == grey[3:5] == grey[5:7]
    assert abs(contrast(grey) - contrast("#c8102e")) < 0.1


def test_greys_leave_everything_but_colours_alone():
    assert greys('<g transform="scale(-1 1)"><path d="M0 0" fill="#111"/>#1234</g>') == (
        '<g transform="scale(-1 1)"><path d="M0 0" fill="#111111"/>#1234</g>'
    )
