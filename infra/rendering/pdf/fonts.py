"""Fonts for paper come from packages, found through a fontconfig file of our own."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from infra.rendering.pdf.static_fonts import font_cuts

CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{dirs}
{more}
<cachedir>{cache}</cachedir>
<alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
<alias><family>serif</family><prefer><family>Source Serif 4</family></prefer></alias>
</fontconfig>
"""


def font_config_file() -> Path:
    """A fontconfig file naming the packaged fonts and the system's; written once per user.

    Scripts that our typefaces lack (a Hebrew name) are drawn with the system's fonts. Where
    those lie elsewhere, FONTCONFIG_FILE says so.
    """
    folder = Path(tempfile.gettempdir()) / f"portico-fonts-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    dirs = [font_cuts(folder)]
    dirs += [Path("/usr/share/fonts"), Path("/Library/Fonts")]
    system = os.environ.get("FONTCONFIG_FILE", "")
    text = CONFIG.format(
        dirs="\n".join(f"<dir>{path}</dir>" for path in dirs),
        more=f'<include ignore_missing="yes">{system}</include>' if system else "",
        cache=folder / "cache",
    )
    file = folder / f"fonts-{hashlib.sha256(text.encode()).hexdigest()[:12]}.conf"
    if not file.exists():
        draft = folder / f"fonts.{os.getpid()}"
        draft.write_text(text)
        draft.replace(file)
    return file
