"""The process that opens an uploaded picture: octets come in, a new PNG or a refusal goes out, and it ends.

Run as a script by ``app.services.logos``, with nothing of the service's environment and nothing of the application.
What the picture measures is asked of its header, before anything is unpacked.
"""

import io
import resource
import struct
import sys

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG")
STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""What files of these formats begin with."""
MOST_PIXELS = 4_000_000
SHORTEST, LONGEST = 16, 4000
"""Pixels of a side."""
WIDTHS = (1200, 800, 600, 400)
"""The picture is no wider than the first; than a later one where it would weigh too much."""
HEAVIEST = 600_000
"""Octets: every handout carries them."""

LIMITS = {
    resource.RLIMIT_CPU: 5,
    resource.RLIMIT_AS: 512 * 1024 * 1024,
    resource.RLIMIT_NOFILE: 16,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
}
PICTURE, REFUSAL = b"P", b"R"

UNKNOWN = "This is no PNG and no JPEG picture. Save the logo as PNG or JPEG, and choose it again."
SEVERAL = "The file holds more than one picture, as a moving one does. Save a single one as PNG or JPEG."
DAMAGED = "The picture is damaged or incomplete. Save it anew as PNG or JPEG, and choose it again."
TOO_MANY = (
    "The picture measures {} by {} pixels, which is too large. Save it with 4 million pixels or less, "
    "such as 2000 by 2000, and no side above 4000."
)
TOO_FEW = "The picture measures {} by {} pixels: too few to print. Each side needs 16 or more."


UNREADABLE = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, struct.error)
"""What reading a broken file ends in."""


class RefusedError(Exception):
    """A picture that is not taken; the sentence says what would help."""


def main() -> None:
    """Answer for the picture on standard input."""
    Image.preinit()
    # Pillow's own limit is a warning up to twice its figure, and lets 169 million pixels pass. Ours stands in _opened.
    Image.MAX_IMAGE_PIXELS = None
    for limit, most in LIMITS.items():
        resource.setrlimit(limit, (most, most))
    try:
        answer = PICTURE + redrawn(sys.stdin.buffer.read())
    except RefusedError as error:
        answer = REFUSAL + str(error).encode()
    sys.stdout.buffer.write(answer)


def redrawn(octets: bytes) -> bytes:
    """The picture as a PNG of our own making: upright, no larger than needed, nothing but pixels. Raises RefusedError.

    Raises MemoryError for what its header did not announce.
    """
    image = _opened(octets)
    try:
        image.load()
        pixels = _plain(_upright(image))
    except UNREADABLE as error:
        raise RefusedError(DAMAGED) from error
    for width in WIDTHS:
        png = _png(_within(pixels, width))
        if len(png) <= HEAVIEST:
            break
    return png


def _opened(octets: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(octets), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise RefusedError(DAMAGED if octets.startswith(STARTS) else UNKNOWN) from error
    except UNREADABLE as error:
        raise RefusedError(DAMAGED) from error
    _refuse_measures(*image.size)
    if getattr(image, "n_frames", 1) != 1:
        raise RefusedError(SEVERAL)
    return image


def _refuse_measures(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > LONGEST:
        raise RefusedError(TOO_MANY.format(width, height))
    if min(width, height) < SHORTEST:
        raise RefusedError(TOO_FEW.format(width, height))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except UNREADABLE:  # what is said of the picture is broken, not the picture
        return image


def _plain(image: Image.Image) -> Image.Image:
    """In eight bits of red, green, blue, and alpha where it has any."""
    if image.mode.startswith("I"):  # 16 bits of grey: converting would cut off what is above 255
        image = image.convert("I").point(lambda grey: grey * (1 / 257)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    image = image.convert(mode)
    return Image.frombytes(mode, image.size, image.tobytes())  # nothing else comes along


def _within(image: Image.Image, width: int) -> Image.Image:
    scale = min(width / image.width, width / image.height, 1)
    if scale == 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _png(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


if __name__ == "__main__":
    main()
