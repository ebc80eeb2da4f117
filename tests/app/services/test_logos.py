"""A logo comes out as a picture and nothing else, whatever went in."""

import io
import os
import sys
import time
import zipfile

import pytest
from PIL import Image

from app.errors import InvalidError
from app.services import logo_worker
from app.services.logos import LARGEST, redrawn
from tests.pictures import (
    CLEAR,
    OTHERS,
    RED,
    SIGNATURE,
    SVGS,
    a_bomb,
    a_header,
    a_liar,
    a_logo,
    a_long_film,
    a_picture,
    a_swollen_text,
    as_file,
    chunks_of,
    opened,
    with_place,
)

HANGS = (sys.executable, "-c", "import time; time.sleep(60)")
DIES = (sys.executable, "-c", "print('P', flush=True); raise SystemExit(3)")
TELLS = (sys.executable, "-c", "import os, sys; sys.stdout.write('P' + ' '.join(sorted(os.environ)))")
SHOWS_ITS_LIMITS = """
import resource, runpy, sys
try:
    runpy.run_path(sys.argv[1], run_name="__main__")
finally:
    print("|", *[resource.getrlimit(getattr(resource, "RLIMIT_" + name))[1] for name in sys.argv[2:]])
"""
LIMITED = (sys.executable, "-c", SHOWS_ITS_LIMITS, logo_worker.__file__, "CPU", "AS", "NOFILE", "FSIZE", "CORE")


def refusal(octets: bytes) -> str:
    with pytest.raises(InvalidError) as refused:
        redrawn(octets)
    return refused.value.errors["logo"][0]


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_comes_out_as_a_png_of_the_same_look(kind):
    image = opened(redrawn(as_file(a_picture(), kind)))

    assert (image.format, image.mode, image.size) == ("PNG", "RGB", (240, 80))
    assert image.getpixel((120, 40)) == pytest.approx((200, 30, 40), abs=3)


def test_a_logo_keeps_what_can_be_seen_through():
    drawn = a_picture("RGBA", colour=CLEAR)
    drawn.paste(RED, (0, 0, 120, 80))

    image = opened(redrawn(as_file(drawn)))

    assert (image.getpixel((10, 10)), image.getpixel((200, 10))[3]) == (RED, 0)


def colours_of_a_palette() -> Image.Image:
    image = a_picture("P", colour=1)
    image.putpalette([0, 0, 0, 200, 30, 40])
    return image


@pytest.mark.parametrize(
    ("octets", "mode", "pixel"),
    [
        (as_file(colours_of_a_palette()), "RGB", (200, 30, 40)),
        (as_file(colours_of_a_palette(), transparency=1), "RGBA", (200, 30, 40, 0)),
        (as_file(a_picture("I;16", colour=40_000)), "RGB", (155, 155, 155)),
        (as_file(a_picture("L", colour=155)), "RGB", (155, 155, 155)),
        (as_file(a_picture("L", colour=155), transparency=155), "RGBA", (155, 155, 155, 0)),
        (as_file(a_picture("LA", colour=(155, 128))), "RGBA", (155, 155, 155, 128)),
        (as_file(a_picture("1", colour=1)), "RGB", (255, 255, 255)),
        (as_file(a_picture("CMYK", colour=(0, 255, 255, 0)), "JPEG"), "RGB", (255, 0, 0)),
        (as_file(a_picture("L", colour=155), "JPEG"), "RGB", (155, 155, 155)),
    ],
    ids=["palette", "clear palette", "16 bits", "grey", "clear grey", "grey and alpha", "1 bit", "cmyk", "grey jpeg"],
)
def test_every_way_of_keeping_colours_comes_out_right(octets, mode, pixel):
    image = opened(redrawn(octets))

    assert image.mode == mode
    assert image.getpixel((120, 40)) == pytest.approx(pixel, abs=2)


@pytest.mark.parametrize(
    ("size", "made"), [((2000, 500), (1200, 300)), ((1000, 4000), (300, 1200)), ((1200, 900), (1200, 900))]
)
def test_a_large_logo_is_made_as_small_as_paper_needs(size, made):
    assert opened(redrawn(a_logo(size=size))).size == made


def test_a_logo_that_would_weigh_too_much_is_made_smaller():
    made = redrawn(as_file(noise((780, 780))))

    assert len(made) <= logo_worker.HEAVIEST
    assert opened(made).width in logo_worker.WIDTHS


@pytest.mark.asvs("14.2.8")
def test_a_photograph_comes_out_upright_and_says_nothing_of_its_place():
    drawn = a_picture(size=(240, 80))
    drawn.paste((0, 0, 255), (0, 0, 240, 40))  # its upper half; turned by a quarter, its right half

    made = redrawn(with_place(drawn, turned=6))

    assert opened(made).size == (80, 240)
    assert opened(made).getpixel((70, 120)) == pytest.approx((0, 0, 254), abs=5)
    assert b"Holm" not in made
    assert not opened(made).getexif()


@pytest.mark.asvs("5.3.1", "14.2.8")
def test_a_logo_is_nothing_but_its_pixels():
    talkative = as_file(a_picture(), dpi=(300, 300), icc_profile=b"x" * 200, exif=b"Exif\x00\x00 of no use")
    assert {b"pHYs", b"iCCP", b"eXIf"} < set(chunks_of(talkative))

    assert set(chunks_of(redrawn(talkative))) == {b"IHDR", b"IDAT", b"IEND"}


def a_folder() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as folder:
        folder.writestr("evil.html", "<script>alert(1)</script>")
    return kept.getvalue()


@pytest.mark.asvs("5.3.1", "14.2.8")
@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", a_folder()], ids=["html", "zip"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_hangs_on_to_a_picture_is_lost(kind, tail):
    made = redrawn(as_file(a_picture(), kind) + tail)

    assert b"alert" not in made
    assert not zipfile.is_zipfile(io.BytesIO(made))


@pytest.mark.asvs("5.2.1", "5.2.6")
def test_a_bomb_is_refused_by_its_header():
    bomb = a_bomb()
    assert len(bomb) < 30_000
    began = time.monotonic()

    said = refusal(bomb)

    assert said.startswith("The picture measures 13000 by 13000 pixels, which is too large.")
    assert time.monotonic() - began < 2


@pytest.mark.asvs("5.2.6")
@pytest.mark.parametrize("size", [(2001, 2000), (4001, 16), (100_000, 100_000)])
def test_too_many_pixels_are_refused(size):
    assert "which is too large" in refusal(SIGNATURE + a_header(*size) + a_bomb(16, 16)[len(SIGNATURE) + 25 :])


@pytest.mark.parametrize("size", [(2000, 2000), (4000, 1000)])
def test_as_many_pixels_as_are_let_in_are_let_in(size):
    assert opened(redrawn(a_bomb(*size))).format == "PNG"


def test_a_speck_is_refused():
    assert refusal(a_logo(size=(15, 80))).startswith("The picture measures 15 by 80 pixels: too few")


def test_a_moving_picture_is_refused():
    assert refusal(a_long_film()).startswith("The file holds more than one picture")


def test_a_jpeg_of_several_pictures_is_refused():
    several = as_file(a_picture(), "MPO", save_all=True, append_images=[a_picture(colour=(0, 0, 0))])

    assert refusal(several).startswith("The file holds more than one picture")


@pytest.mark.asvs("1.3.4", "5.2.2")
@pytest.mark.parametrize("octets", [*SVGS.values(), *OTHERS.values()], ids=[*SVGS, *OTHERS])
def test_what_is_neither_png_nor_jpeg_is_refused_whatever_it_is_called(octets):
    assert refusal(octets) == "This is no PNG and no JPEG picture. Save the logo as PNG or JPEG, and choose it again."


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("part", [0.05, 0.5, 0.9])
def test_a_picture_that_stops_short_is_refused(kind, part):
    whole = as_file(noise((64, 64)), kind)

    assert refusal(whole[: int(len(whole) * part)]).startswith("The picture is damaged or incomplete.")


def test_octets_beyond_what_the_header_announced_are_left_alone():
    assert opened(redrawn(a_liar())).size == (64, 64)


def test_a_comment_that_swells_is_refused():
    assert refusal(a_swollen_text()).startswith("The picture is damaged or incomplete.")


def test_an_empty_file_is_refused():
    assert refusal(b"") == "Choose a PNG or JPEG file. The one that came was empty."


@pytest.mark.asvs("5.2.1")
def test_more_than_two_megabytes_are_refused_unread():
    assert refusal(a_logo() + bytes(LARGEST)).startswith("The file has 2.0 MB; at most 2 MB fit.")
    assert refusal(bytes(3_000_000)).startswith("The file has 3.0 MB; at most 2 MB fit.")


@pytest.mark.parametrize("command", [HANGS, DIES], ids=["hangs", "dies"])
def test_a_reader_that_fails_is_a_picture_that_can_not_be_read(command):
    began = time.monotonic()

    with pytest.raises(InvalidError, match="could not be read"):
        redrawn(a_logo(), command=command, seconds=0.5)
    assert time.monotonic() - began < 5


@pytest.mark.asvs("13.2.2", "13.3.2")
def test_the_reader_knows_nothing_of_the_service(monkeypatch):
    monkeypatch.setenv("HOLDWELL_SECRET_KEY", "secret")

    assert b"HOLDWELL" not in redrawn(a_logo(), command=TELLS)


def test_the_reader_has_limits():
    answer = redrawn(a_logo(), command=LIMITED)

    assert answer.endswith(b"| 5 536870912 16 0 0\n")
