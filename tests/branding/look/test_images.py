"""Logos: what is no picture, or too much of one, is refused in words."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from branding.look.images import UnusableImage, icon_png, logo_png


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def _png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = _chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + body + _chunk(b"IEND", b"")


HOSTILE = {
    "more pixels than the decoder takes": _png(30_000, 30_000),
    "more pixels than we take": _png(8_000, 8_000),
    "one thin line": _png(40_000_001, 1),
    "a tall drawing": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 100000"><rect/></svg>',
    "entities": b'<!DOCTYPE svg [<!ENTITY a "aa">]><svg>&a;</svg>',
    "a page": b"<html><script>alert(1)</script></html>",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_refuses_what_is_no_logo(data: bytes) -> None:
    for make in (logo_png, icon_png):
        with pytest.raises(UnusableImage):
            make(data)


def test_what_was_hidden_in_a_picture_is_gone() -> None:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (40, 20), "#336699").save(out, "JPEG", exif=exif)
    made = logo_png(out.getvalue() + b"<script>alert(1)</script>")
    assert b"taken at home" not in made
    assert b"script" not in made
    assert made.startswith(b"\x89PNG")
