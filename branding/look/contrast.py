"""Colour arithmetic of the palette: WCAG 2 contrast, OKLCH shades that fit a screen."""

from __future__ import annotations

import math
from collections.abc import Callable

from coloraide import Color

# Below this chroma a colour is a grey; a grey link would read as disabled, so it becomes text.
GREY_CHROMA = 0.02
SEARCH_STEPS = 22


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The WCAG 2 contrast ratio of two ``#rrggbb`` colours, from 1 to 21."""
    first, second = _luminance(one), _luminance(other)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def shade(lightness: float, chroma: float, hue: float) -> str:
    """An OKLCH colour as ``#rrggbb``, its chroma lowered where a screen cannot show it."""
    if lightness >= 1:
        return "#ffffff"
    if lightness <= 0:
        return "#000000"
    colour = Color("oklch", [lightness, chroma, hue])
    colour.fit("srgb", method="oklch-chroma")
    return colour.convert("srgb").to_string(hex=True)


def lightness_chroma_hue(colour: str) -> tuple[float, float, float]:
    """The OKLCH coordinates of a colour; a near-grey has chroma and hue zero."""
    lightness, chroma, hue = Color(colour).convert("oklch").coords()
    if chroma < GREY_CHROMA or math.isnan(hue):
        return lightness, 0.0, 0.0
    return lightness, chroma, hue


def nearest(
    start: float,
    end: float,
    shade_at: Callable[[float], str],
    good: Callable[[str], bool],
) -> str:
    """The shade nearest to ``start`` on the way to ``end`` that is good; ``end`` must be."""
    found = shade_at(start)
    if good(found):
        return found
    found = shade_at(end)
    for _ in range(SEARCH_STEPS):
        middle = (start + end) / 2
        candidate = shade_at(middle)
        if good(candidate):
            found, end = candidate, middle
        else:
            start = middle
    return found
