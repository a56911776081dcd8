"""The demo firms' logos: a wordmark and a crest, drawn with the packaged typefaces."""

from __future__ import annotations

import importlib.util
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from infra.tooling.demo.firms import DemoFirm

PACKAGES = {"inter": "fontpkg_inter", "source-serif": "fontpkg_source_serif_4"}


def _face(typeface: str, size: int) -> ImageFont.FreeTypeFont:
    spec = importlib.util.find_spec(PACKAGES.get(typeface, "fontpkg_inter"))
    assert spec is not None  # noqa: S101
    assert spec.origin is not None  # noqa: S101
    files = sorted(Path(spec.origin).parent.rglob("*.ttf"))
    upright = [file for file in files if "italic" not in file.name.lower()] or files
    return ImageFont.truetype(str(upright[0]), size)


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def mark_of(firm: DemoFirm, *, dark: bool = False) -> bytes:
    """A wordmark beside a solid sign with the firm's initials; light letters for dark pages."""
    colour = "#ffffff" if dark else firm.colour
    face = _face(firm.typeface, 64)
    letters = _face(firm.typeface, 52 if len(firm.mark) < 3 else 38)
    width = 128 + int(face.getbbox(firm.name, anchor="lm")[2]) + 12
    image = Image.new("RGBA", (width, 110), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    radius = {"square": 0, "soft": 14, "round": 50}[firm.corner]
    draw.rounded_rectangle((4, 5, 103, 104), radius=radius, fill=firm.colour)
    draw.text((54, 54), firm.mark, font=letters, fill="#ffffff", anchor="mm")
    draw.text((128, 54), firm.name, font=face, fill=colour, anchor="lm")
    return _png(image)
