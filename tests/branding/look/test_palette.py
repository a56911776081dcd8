"""Whatever colour a firm picks, its clients can read the page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branding.look.contrast import contrast
from branding.look.palette import (
    FIELD_CONTRAST,
    STANDS_OFF,
    TEXT_CONTRAST,
    Palette,
    Roles,
    build_palette,
    stylesheet,
)

PRIMARIES = [
    "#ffffff",
    "#000000",
    "#808080",
    "#ff0000",
    "#00ff00",
    "#0000ff",
    "#ffff00",
    "#00ffff",
    "#ff00ff",
    "#ffcc00",
    "#0b1f3a",
    "#767676",
]
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def unreadable(roles: Roles) -> list[str]:
    """Every pair of this theme that misses its contrast."""
    papers = ("page", "surface", "accent_soft")
    softs = ("good_soft", "warn_soft", "bad_soft")
    pairs = [("text", paper, TEXT_CONTRAST) for paper in (*papers, *softs)]
    pairs += [("muted", paper, TEXT_CONTRAST) for paper in (*papers, *softs)]
    pairs += [("accent", paper, TEXT_CONTRAST) for paper in papers]
    pairs += [("on_fill", fill, TEXT_CONTRAST) for fill in ("fill", "fill_hover")]
    for status in ("good", "warn", "bad"):
        pairs += [(status, paper, TEXT_CONTRAST) for paper in ("page", "surface", f"{status}_soft")]
    pairs += [("line_strong", paper, FIELD_CONTRAST) for paper in ("page", "surface")]
    pairs += [("focus", paper, FIELD_CONTRAST) for paper in papers]
    pairs += [("fill", "page", STANDS_OFF)]
    measured = [
        (one, other, contrast(getattr(roles, one), getattr(roles, other)), wanted)
        for one, other, wanted in pairs
    ]
    return [f"{one} on {other}: {got:.2f}" for one, other, got, wanted in measured if got < wanted]


def assert_readable(palette: Palette) -> None:
    assert unreadable(palette.light) == []
    assert unreadable(palette.dark) == []


@pytest.mark.parametrize("brand", PRIMARIES)
def test_primaries_and_extremes_are_readable(brand: str) -> None:
    assert_readable(build_palette(brand))


@settings(max_examples=150)
@given(brand=colours, accent=st.none() | colours)
def test_any_colour_is_readable(brand: str, accent: str | None) -> None:
    assert_readable(build_palette(brand, accent))


def test_contrast_matches_the_known_ends() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_a_readable_brand_stays_exactly_as_asked() -> None:
    palette = build_palette("#1D4E89")
    assert palette.light.accent == palette.light.fill == "#1d4e89"
    assert not [change for change in palette.adjustments if change.theme == "light"]


def test_yellow_keeps_its_buttons_and_darkens_its_links() -> None:
    palette = build_palette("#ffcc00")
    assert palette.light.fill == "#ffcc00"
    (change,) = [change for change in palette.adjustments if change.theme == "light"]
    assert (change.role, change.asked, change.used) == (
        "accent",
        "#ffcc00",
        palette.light.accent,
    )
    assert contrast(change.used, "#ffffff") >= TEXT_CONTRAST


def test_black_gets_light_buttons_in_the_dark() -> None:
    palette = build_palette("#000000")
    assert palette.light.fill == "#000000"
    assert palette.dark.fill == palette.dark.text
    assert ("dark", "fill") in {(change.theme, change.role) for change in palette.adjustments}


def test_links_take_the_accent_and_buttons_the_brand() -> None:
    palette = build_palette("#0b1f3a", "#8a1c2b")
    assert palette.light.fill == "#0b1f3a"
    assert palette.light.accent == "#8a1c2b"


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#1234567", " #123456", None])
def test_refuses_what_is_no_colour(colour: str) -> None:
    with pytest.raises(ValueError, match="Not a colour"):
        build_palette(colour)
    if colour is not None:
        with pytest.raises(ValueError, match="Not a colour"):
            build_palette("#123456", colour)


@settings(max_examples=30)
@given(brand=colours)
def test_the_stylesheet_is_small_and_only_custom_properties(brand: str) -> None:
    sheet = stylesheet(build_palette(brand), corner="round", typeface="inter")
    assert len(sheet.encode()) < 1024
    names = re.findall(r"[{;]\s*([\w-]+):", sheet.replace("prefers-color-scheme:dark", ""))
    assert names
    assert all(name.startswith("--") for name in names)
    for guard in ("url", "@import", "</", "\\"):
        assert guard not in sheet


def test_the_stylesheet_refuses_unknown_choices() -> None:
    palette = build_palette("#123456")
    with pytest.raises(ValueError, match="Unknown"):
        stylesheet(palette, corner="wavy", typeface="system")
    with pytest.raises(ValueError, match="Unknown"):
        stylesheet(palette, corner="soft", typeface="comic")
