"""The bundled typefaces as small web fonts, made once from their packages and then kept.

Nothing of it is committed: the start and the image build call :func:`build_webfonts` and serve the
folder as static files, so that ``typefaces/inter.css`` and ``typefaces/source-serif.css`` exist.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# Raised whenever the recipe below changes, so that kept files are made anew.
RECIPE = "2"

# A browser loads a part only when the page has one of its characters: most pages need the first.
PARTS: dict[str, list[tuple[int, int]]] = {
    "latin": [
        (0x20, 0x7E),
        (0xA0, 0xFF),
        (0x152, 0x153),
        (0x2002, 0x200B),
        (0x2010, 0x2026),
        (0x202F, 0x203A),
        (0x20AC, 0x20AC),
        (0x2122, 0x2122),
        (0x2190, 0x2193),
        (0x2212, 0x2212),
    ],
    "latin-ext": [
        (0x100, 0x151),
        (0x154, 0x24F),
        (0x2BB, 0x2DD),
        (0x300, 0x36F),
        (0x1E00, 0x1EFF),
        (0x20A0, 0x20AB),
        (0x20AD, 0x20C0),
        (0x2113, 0x2116),
    ],
}
FEATURES = ["kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum"]
WEIGHTS = (400, 600)


@dataclass(frozen=True, slots=True)
class Typeface:
    """A packaged variable font and the neutral name under which pages ask for it."""

    slug: str
    family: str
    distribution: str
    package: str
    source: str
    optical_size: float


TYPEFACES = (
    Typeface(
        "inter",
        "Firm Sans",
        "fontpkg-inter",
        "fontpkg_inter",
        "Inter[opsz,wght].ttf",
        16,
    ),
    Typeface(
        "source-serif",
        "Firm Serif",
        "fontpkg-source-serif-4",
        "fontpkg_source_serif_4",
        "SourceSerif4[opsz,wght].ttf",
        16,
    ),
)


def _digest(face: Typeface) -> str:
    facts = [
        RECIPE,
        version(face.distribution),
        version("fonttools"),
        face.source,
        WEIGHTS,
        PARTS,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:10]


def _only(font: TTFont, ranges: list[tuple[int, int]], options: subset.Options) -> None:
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in ranges for code in range(low, high + 1)])
    subsetter.subset(font)


def _compress(face: Typeface, targets: dict[str, Path]) -> None:
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    # Copyright and licence stay; the name goes, since a changed font may not carry a reserved one.
    options.name_IDs = [0, 13, 14]
    with (files(face.package) / "files" / face.source).open("rb") as stream:
        font = TTFont(stream, lazy=True)
        # Few glyphs first: narrowing the axes afterwards takes seconds instead of a minute.
        _only(font, [part for ranges in PARTS.values() for part in ranges], options)
        axes = {"opsz": face.optical_size, "wght": WEIGHTS}
        narrowed = io.BytesIO()
        instancer.instantiateVariableFont(font, axes, inplace=True).save(narrowed)
    for part, target in targets.items():
        narrowed.seek(0)
        piece = TTFont(narrowed)
        _only(piece, PARTS[part], options)
        # Written beside and then renamed, so that two processes that start together never meet.
        handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
        os.close(handle)
        subset.save_font(piece, name, options)
        Path(name).chmod(0o644)
        Path(name).replace(target)


def _rule(face: Typeface, part: str, file_name: str) -> str:
    ranges = ",".join(f"U+{low:X}-{high:X}" for low, high in PARTS[part])
    return (
        f'@font-face{{font-family:"{face.family}";src:url("{file_name}") format("woff2");'
        f"font-weight:{WEIGHTS[0]} {WEIGHTS[-1]};font-style:normal;font-display:swap;"
        f"unicode-range:{ranges}}}\n"
    )


def build_webfonts(target_dir: Path) -> list[Path]:
    """Fill ``target_dir`` with each typeface's web fonts, style sheet and licence; returns the sheets.

    Fonts already made from the same package and recipe are kept, which makes a second call free;
    older ones are removed.
    """
    target_dir.mkdir(parents=True, exist_ok=True)
    sheets = []
    for face in TYPEFACES:
        digest = _digest(face)
        fonts = {part: target_dir / f"{face.slug}-{part}-{digest}.woff2" for part in PARTS}
        if not all(font.exists() for font in fonts.values()):
            _compress(face, fonts)
        for old in target_dir.glob(f"{face.slug}-*.woff2"):
            if old not in fonts.values():
                old.unlink(missing_ok=True)
        licence = (files(face.package) / "LICENSE").read_text()
        (target_dir / f"{face.slug}-OFL.txt").write_text(licence)
        sheet = target_dir / f"{face.slug}.css"
        sheet.write_text("".join(_rule(face, part, font.name) for part, font in fonts.items()))
        sheets.append(sheet)
    return sheets
