"""Fonts for paper come from packages, found through a fontconfig file of our own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from infra.common.pdf.cuts import font_cuts

CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{dirs}
<cachedir>{cache}</cachedir>
<alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
<alias><family>serif</family><prefer><family>Source Serif 4</family></prefer></alias>
</fontconfig>
"""


def font_config_file() -> Path:
    """A fontconfig file naming the packaged fonts and the system's; written once per user."""
    folder = Path(tempfile.gettempdir()) / f"portico-fonts-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    dirs = [font_cuts(folder)]
    dirs += [Path("/usr/share/fonts"), Path("/Library/Fonts")]
    text = CONFIG.format(
        dirs="\n".join(f"<dir>{path}</dir>" for path in dirs), cache=folder / "cache"
    )
    file = folder / "fonts.conf"
    if not file.exists() or file.read_text() != text:
        draft = folder / f"fonts.{os.getpid()}"
        draft.write_text(text)
        draft.replace(file)
    return file
