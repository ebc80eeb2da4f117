"""Pictures for upload: honest ones, and those that somebody made to do harm."""

import io
import struct
import zlib

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RED, CLEAR = (200, 30, 40, 255), (0, 0, 0, 0)


def a_picture(mode: str = "RGB", size: tuple[int, int] = (240, 80), colour: object = (200, 30, 40)) -> Image.Image:
    return Image.new(mode, size, colour)


def as_file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind, **options)
    return kept.getvalue()


def a_logo(**changes: object) -> bytes:
    return as_file(a_picture(**changes))


def opened(octets: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(octets))
    image.load()
    return image


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def a_header(width: int, height: int, bits: int = 1) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0))


def chunks_of(png: bytes) -> list[bytes]:
    """The kinds of its chunks, in order."""
    kinds, at = [], len(SIGNATURE)
    while at < len(png):
        length = struct.unpack(">I", png[at : at + 4])[0]
        kinds.append(png[at + 4 : at + 8])
        at += 12 + length
    return kinds


def a_bomb(width: int = 13_000, height: int = 13_000) -> bytes:
    """Some 20 KB of PNG that unpack to hundreds of megabytes."""
    rows = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    return SIGNATURE + a_header(width, height) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def a_long_film(frames: int = 10_000) -> bytes:
    """An animated PNG of so many frames, each with the size of the whole."""
    width = height = 64
    row = zlib.compress(bytes((1 + width // 8) * height))
    parts = [SIGNATURE, a_header(width, height), chunk(b"acTL", struct.pack(">II", frames, 0))]
    number = 0
    for frame in range(frames):
        parts.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, 0, 0, 1, 10, 0, 0)))
        number += 1
        if frame == 0:
            parts.append(chunk(b"IDAT", row))
        else:
            parts.append(chunk(b"fdAT", struct.pack(">I", number) + row))
            number += 1
    return b"".join([*parts, chunk(b"IEND", b"")])


def a_liar() -> bytes:
    """A header of 64 by 64, and octets for 20,000 times as much."""
    packed = zlib.compress(bytes(80_000_000), 9)
    return SIGNATURE + a_header(64, 64) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def a_swollen_text() -> bytes:
    """A compressed comment of 200 MB in a small picture."""
    comment = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(200_000_000), 9))
    return a_logo()[: len(SIGNATURE) + 25] + comment + a_logo()[len(SIGNATURE) + 25 :]


def with_place(image: Image.Image, *, turned: int = 1) -> bytes:
    """A photograph that knows where and how it was taken."""
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010E] = "Holm family, in the garden"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (51.0, 30.0, 26.0)
    return as_file(image, "JPEG", exif=exif, comment=b"Holm family", quality=95)


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg">'
SVGS = {
    "script": _SVG + b"<script>alert(1)</script></svg>",
    "foreign object": _SVG + b'<foreignObject><iframe src="javascript:alert(1)"/></foreignObject></svg>',
    "use bomb": _SVG + b'<g id="a"><use href="#b"/><use href="#b"/></g><g id="b"><use href="#a"/></g></svg>',
    "entity": b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _SVG + b"&x;</svg>",
    "prolog": b'\xef\xbb\xbf<?xml version="1.0"?>' + _SVG + b"</svg>",
}
OTHERS = {
    "tiff": as_file(a_picture(), "TIFF"),
    "gif": as_file(a_picture("P", colour=1), "GIF"),
    "bmp": as_file(a_picture(), "BMP"),
    "webp": as_file(a_picture(), "WEBP"),
    "psd": b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 80, 240, 8, 3) + bytes(64),
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 240 80\n(/etc/passwd) (r) file\n",
    "fits": b"SIMPLE  =                    T".ljust(80) + b"BITPIX  =                    8".ljust(80) + bytes(2720),
    "pdf": b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n",
    "html": b"<!doctype html><script>alert(1)</script>",
    "zip": b"PK\x03\x04" + bytes(60),
}
