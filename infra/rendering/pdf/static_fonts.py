"""Plain cuts (regular and semibold) of the packaged variable fonts, made once per machine.

A variable font is narrowed anew for every document it is embedded in, which takes longer
than drawing an invoice; a plain cut is only subset.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# Raised whenever the recipe below changes, so that kept cuts are made anew.
RECIPE = "2"
WEIGHTS = (400, 600)
OPTICAL_SIZE = 14
SOURCES = {
    "fontpkg_inter": "Inter[opsz,wght].ttf",
    "fontpkg_source_serif_4": "SourceSerif4[opsz,wght].ttf",
}
# Latin, Greek, Cyrillic, punctuation, currencies, numbers, arrows. Other scripts fall back to
# the system's fonts.
RANGES = (
    (0x20, 0x24F),
    (0x2BB, 0x2DD),
    (0x300, 0x36F),
    (0x370, 0x3FF),
    (0x400, 0x45F),
    (0x490, 0x491),
    (0x1E00, 0x1EFF),
    (0x2000, 0x206F),
    (0x20A0, 0x20C0),
    (0x2100, 0x2122),
    (0x2150, 0x215F),
    (0x2190, 0x2199),
    (0x2212, 0x2265),
    (0xFFFD, 0xFFFD),
)
# Alternates that no paper asks for would make the cut slow and the file large.
FEATURES = ("kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum", "calt")


def _source(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return next(Path(spec.origin).parent.rglob(SOURCES[package].replace("[", "[[]")), None)


def _cut(source: Path, weight: int, target: Path) -> None:
    options = subset.Options()
    options.layout_features = list(FEATURES)
    options.name_IDs = ["*"]
    options.notdef_outline = True
    font = TTFont(source, lazy=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)])
    subsetter.subset(font)
    axes = {"opsz": OPTICAL_SIZE, "wght": weight}
    plain = instancer.instantiateVariableFont(font, axes, inplace=True, updateFontNames=True)
    # Written beside and then renamed, so that two processes that start together never meet.
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    plain.save(name)
    Path(name).replace(target)


def font_cuts(folder: Path) -> Path:
    """The folder with the cuts, made if they are missing; empty where the packages are missing."""
    cuts = folder / f"cuts-{RECIPE}"
    cuts.mkdir(mode=0o700, exist_ok=True)
    for package in SOURCES:
        for weight in WEIGHTS:
            target = cuts / f"{package.removeprefix('fontpkg_')}-{weight}.ttf"
            if target.exists():
                continue
            source = _source(package)
            if source is not None:
                _cut(source, weight, target)
    return cuts
