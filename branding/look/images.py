"""Logos: whatever comes in is decoded, bounded and encoded anew as PNG; SVG is drawn, never kept."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from tempfile import TemporaryDirectory

from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from infra.common.errors import Invalid

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = (960, 320)
ICON_SIDE = 512
DRAW_SECONDS = 10
DRAW_MEMORY = 512 * 1024 * 1024

_DRAW = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
import resvg_py
svg = sys.stdin.buffer.read().decode("utf-8")
sys.stdout.buffer.write(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=960, resources_dir=".")))
"""
SHAPES = {
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "title",
    "desc",
}
SHAPE_ATTRIBUTES = {
    "d",
    "x",
    "y",
    "x1",
    "x2",
    "y1",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "fx",
    "fy",
    "points",
    "width",
    "height",
    "viewBox",
    "xmlns",
    "fill",
    "fill-rule",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-opacity",
    "opacity",
    "transform",
    "offset",
    "stop-color",
    "stop-opacity",
    "gradientUnits",
    "gradientTransform",
    "id",
    "clip-path",
    "clip-rule",
}


class UnusableImage(Invalid):
    """The file is not an image we can use; ``fields['logo']`` says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why, fields={"logo": [why]})


def _drawn(svg: bytes) -> bytes:
    import nh3

    text = svg.decode("utf-8", errors="replace")
    clean = nh3.clean(
        text,
        tags={tag.lower() for tag in SHAPES} | SHAPES,
        attributes={"*": SHAPE_ATTRIBUTES | {name.lower() for name in SHAPE_ATTRIBUTES}},
        strip_comments=True,
        link_rel=None,
        url_schemes=set(),
    )
    # The HTML cleaner folds names to lower case; SVG wants its own spelling back.
    for name in (*SHAPES, *SHAPE_ATTRIBUTES):
        if name != name.lower():
            clean = clean.replace(f"<{name.lower()}", f"<{name}")
            clean = clean.replace(f"</{name.lower()}>", f"</{name}>")
            clean = clean.replace(f" {name.lower()}=", f" {name}=")
    if "xmlns=" not in clean:
        clean = clean.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    program = _DRAW.format(memory=DRAW_MEMORY, seconds=DRAW_SECONDS)
    try:
        # The drawer wants a folder to find files in; it gets an empty one.
        with TemporaryDirectory() as empty:
            done = subprocess.run(  # noqa: S603  our own interpreter, our own program
                [sys.executable, "-I", "-c", program],
                input=clean.encode(),
                capture_output=True,
                cwd=empty,
                timeout=DRAW_SECONDS + 5,
                check=True,
            )
    except (subprocess.SubprocessError, OSError) as error:
        raise UnusableImage(str(_("This SVG could not be drawn. Please upload a PNG."))) from error
    return done.stdout


def _decoded(data: bytes) -> Image.Image:
    if len(data) > MAX_BYTES:
        raise UnusableImage(str(_("The file is larger than 2 MB.")))
    if b"<svg" in data[:4096].lower():
        data = _drawn(data)
    try:
        image = Image.open(BytesIO(data), formats=["PNG", "JPEG", "WEBP", "GIF"])
        if image.width * image.height > MAX_PIXELS:
            raise UnusableImage(str(_("The image has too many pixels; 2000 × 2000 is plenty.")))
        image.load()
    except UnusableImage:
        raise
    except Image.DecompressionBombError as error:
        raise UnusableImage(
            str(_("The image has too many pixels; 2000 × 2000 is plenty."))
        ) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise UnusableImage(str(_("Please upload a PNG, JPEG, WebP or SVG image."))) from error
    return image.convert("RGBA")


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def logo_png(data: bytes) -> bytes:
    """A logo as PNG, at most 960 × 320, without metadata. Raises ``UnusableImage``."""
    image = _decoded(data)
    box = image.getbbox()
    if box is None:
        raise UnusableImage(str(_("The image is empty.")))
    image = image.crop(box)
    image.thumbnail(MAX_SIDE)
    return _png(image)


def icon_png(data: bytes) -> bytes:
    """A square icon of 512 pixels from a logo or an icon; transparent where it does not reach."""
    image = _decoded(data)
    image.thumbnail((ICON_SIDE, ICON_SIDE))
    square = Image.new("RGBA", (ICON_SIDE, ICON_SIDE), (0, 0, 0, 0))
    square.paste(image, ((ICON_SIDE - image.width) // 2, (ICON_SIDE - image.height) // 2))
    return _png(square)
