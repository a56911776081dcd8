"""A firm's one or two colours become roles that everyone can read, in light and in dark.

Only OKLCH lightness moves, so that a hue stays the firm's own. Contrast is measured (WCAG 2) on
the rounded 8-bit colour that a browser will paint, never on the ideal one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Literal

from branding.look.contrast import contrast, lightness_chroma_hue, nearest, shade

Theme = Literal["light", "dark"]

TEXT_CONTRAST = 4.5
FIELD_CONTRAST = 3.0
# A button in the firm's exact colour needs no more than this against the page: its border, in the
# accent colour, marks the control, and its words are measured against the button itself.
STANDS_OFF = 1.3

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_NEAR_BLACK = "#14161a"

CORNERS: dict[str, int] = {"square": 0, "soft": 6, "round": 12}
_SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
TYPEFACES: dict[str, str] = {
    "system": _SANS,
    "inter": f'"Firm Sans",{_SANS}',
    "source-serif": '"Firm Serif",Georgia,"Times New Roman",serif',
}


@dataclass(frozen=True, slots=True)
class Roles:
    """Colours of one theme by what they are for; every value is ``#rrggbb``."""

    page: str
    surface: str
    line: str
    line_strong: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    fill: str
    fill_hover: str
    on_fill: str
    focus: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """The firm asked for ``asked``; ``used`` is what this role carries so that it can be read."""

    theme: Theme
    role: Literal["accent", "fill"]
    asked: str
    used: str


@dataclass(frozen=True, slots=True)
class Palette:
    """What a firm's colours turned into, and what had to be moved."""

    brand: str
    accent: str
    light: Roles
    dark: Roles
    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True)
class _Ground:
    """Lightness and tint of a theme's quiet roles, and the status colours no firm may change."""

    theme: Theme
    page: tuple[float, float]
    surface: tuple[float, float]
    line: tuple[float, float]
    line_strong: tuple[float, float]
    text: tuple[float, float]
    muted: tuple[float, float]
    soft: tuple[float, float]
    towards: float
    status: dict[str, str]


_LIGHT = _Ground(
    theme="light",
    page=(1.0, 0.0),
    surface=(0.98, 0.004),
    line=(0.91, 0.006),
    line_strong=(0.64, 0.012),
    text=(0.22, 0.012),
    muted=(0.5, 0.014),
    soft=(0.965, 0.014),
    towards=0.0,
    status={
        "good": "#17663b",
        "good_soft": "#ebf6ef",
        "warn": "#7f4c00",
        "warn_soft": "#fdf4e3",
        "bad": "#ae241d",
        "bad_soft": "#fdefed",
    },
)
_DARK = _Ground(
    theme="dark",
    page=(0.175, 0.006),
    surface=(0.215, 0.008),
    line=(0.31, 0.01),
    line_strong=(0.5, 0.012),
    text=(0.94, 0.004),
    muted=(0.73, 0.01),
    soft=(0.265, 0.025),
    towards=1.0,
    status={
        "good": "#81cf9f",
        "good_soft": "#16291d",
        "warn": "#e5b766",
        "warn_soft": "#2d2413",
        "bad": "#f69a92",
        "bad_soft": "#371c19",
    },
)


def _hex_of(colour: str) -> str:
    if not isinstance(colour, str) or not _HEX.fullmatch(colour):
        raise ValueError(f"Not a colour of the form #rrggbb: {colour!r}")
    return colour.lower()


def _reads_on(backgrounds: Sequence[str], ratio: float) -> Callable[[str], bool]:
    return lambda colour: all(contrast(colour, ground) >= ratio for ground in backgrounds)


def _words_on(fill: str) -> str:
    """White where it can be read, else near-black, else black: one always can."""
    for words in ("#ffffff", _NEAR_BLACK):
        if contrast(words, fill) >= TEXT_CONTRAST:
            return words
    return "#000000"


def _hover(fill: str, words: str) -> str:
    # First away from the words' colour, so that hovering makes them easier to read; black and
    # white have no further to go and take a step back, which their contrast can afford.
    lightness, chroma, hue = lightness_chroma_hue(fill)
    away = -1 if words == "#ffffff" else 1
    for step in (0.05 * away, -0.12 * away):
        hover = shade(min(1.0, max(0.0, lightness + step)), chroma, hue)
        if contrast(hover, fill) >= 1.05 and contrast(words, hover) >= TEXT_CONTRAST:
            return hover
    return fill


def _accent_of(colour: str, ground: _Ground, text: str, backgrounds: Sequence[str]) -> str:
    lightness, chroma, hue = lightness_chroma_hue(colour)
    reads = _reads_on(backgrounds, TEXT_CONTRAST)
    if reads(colour):
        return colour
    if chroma == 0:
        return text
    return nearest(lightness, ground.towards, lambda at: shade(at, chroma, hue), reads)


def _roles(brand: str, accent: str, ground: _Ground) -> Roles:
    _, brand_chroma, brand_hue = lightness_chroma_hue(brand)
    _, accent_chroma, accent_hue = lightness_chroma_hue(accent)

    def tinted(spot: tuple[float, float]) -> str:
        return shade(spot[0], min(spot[1], brand_chroma), brand_hue)

    page, surface, text = (
        tinted(ground.page),
        tinted(ground.surface),
        tinted(ground.text),
    )
    soft = shade(ground.soft[0], min(ground.soft[1], accent_chroma), accent_hue)
    papers = [page, surface, soft]
    quiet_papers = [
        *papers,
        *(ground.status[f"{name}_soft"] for name in ("good", "warn", "bad")),
    ]

    def moved(spot: tuple[float, float], backgrounds: Sequence[str], ratio: float) -> str:
        chroma = min(spot[1], brand_chroma)
        return nearest(
            spot[0],
            ground.towards,
            lambda at: shade(at, chroma, brand_hue),
            _reads_on(backgrounds, ratio),
        )

    link = _accent_of(accent, ground, text, papers)
    fill = brand if contrast(brand, page) >= STANDS_OFF else _accent_of(brand, ground, text, papers)
    words = _words_on(fill)
    return Roles(
        page=page,
        surface=surface,
        line=tinted(ground.line),
        line_strong=moved(ground.line_strong, [page, surface], FIELD_CONTRAST),
        text=text,
        muted=moved(ground.muted, quiet_papers, TEXT_CONTRAST),
        accent=link,
        accent_soft=soft,
        fill=fill,
        fill_hover=_hover(fill, words),
        on_fill=words,
        focus=link,
        **ground.status,
    )


# tenant-safe: colours made of colours; every PDF and page of papers asks again.
@lru_cache(maxsize=256)
def build_palette(brand: str, accent: str | None = None) -> Palette:
    """Roles for light and dark from a brand colour and, if the firm has one, an accent for links.

    Raises ``ValueError`` for anything but ``#rrggbb``. ``adjustments`` lists what could not stay
    as asked, theme by theme, for a page to say in words.
    """
    brand = _hex_of(brand)
    accent = brand if accent is None else _hex_of(accent)
    themes = {ground.theme: _roles(brand, accent, ground) for ground in (_LIGHT, _DARK)}
    adjustments = [
        change
        for theme, roles in themes.items()
        for change in (
            Adjustment(theme=theme, role="accent", asked=accent, used=roles.accent),
            Adjustment(theme=theme, role="fill", asked=brand, used=roles.fill),
        )
        if change.asked != change.used
    ]
    return Palette(
        brand=brand,
        accent=accent,
        light=themes["light"],
        dark=themes["dark"],
        adjustments=tuple(adjustments),
    )


def _declarations(roles: Roles) -> str:
    # Status colours are the same for every firm and stand in webapp's own stylesheet.
    own = {name: value for name, value in asdict(roles).items() if name not in _LIGHT.status}
    return ";".join(f"--{name.replace('_', '-')}:{value}" for name, value in own.items())


def stylesheet(palette: Palette, *, corner: str, typeface: str) -> str:
    """The firm's style sheet: custom properties only, under 1 KB, made from checked values only."""
    if corner not in CORNERS or typeface not in TYPEFACES:
        raise ValueError(f"Unknown corner or typeface: {corner!r}, {typeface!r}")
    light, dark = _declarations(palette.light), _declarations(palette.dark)
    face = "" if typeface == "system" else f";--typeface:{TYPEFACES[typeface]}"
    return (
        f":root{{--brand:{palette.brand};--corner:{CORNERS[corner]}px{face};{light}}}"
        f"@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f":root[data-theme=dark]{{{dark}}}"
    )
