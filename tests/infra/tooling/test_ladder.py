"""The ladder of infra/lib.sh on a Mac, with stand-ins for its uname and brew: what is asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ("sh", "date", "dirname", "mkdir", "chmod", "id", "tail", "pwd", "cat", "env")


def _mac(tmp_path: Path, script: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run ``script`` after lib.sh in a folder of its own, where brew installs what it is told."""
    tools, checkout = tmp_path / "bin", tmp_path / "portico"
    tools.mkdir()
    (checkout / "infra").mkdir(parents=True)
    shutil.copy(ROOT / "infra/lib.sh", checkout / "infra/lib.sh")
    for name in TOOLS:
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    brewed = tmp_path / "brewed"
    brew = f'case $1 in --prefix) echo /opt/homebrew ;; *) echo "$@" >>{brewed} ;; esac'
    for name, text in {"uname": "echo Darwin", "brew": brew}.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    program = checkout / "infra/try"
    program.write_text(f'. "$(dirname "$0")/lib.sh"\nBREWED={brewed}\n{script}\n')
    answer = subprocess.run(
        [os.path.realpath(tools / "sh"), str(program)],
        capture_output=True,
        text=True,
        env={"PATH": str(tools), "HOME": str(tmp_path)},
        timeout=60,
        check=False,
    )
    return answer, brewed.read_text() if brewed.exists() else ""


def test_pango_comes_from_brew_and_brews_libraries_are_found(tmp_path: Path) -> None:
    answer, brewed = _mac(
        tmp_path,
        'pango_works() { [ -f "$BREWED" ]; }\nneed_pango\necho "$DYLD_FALLBACK_LIBRARY_PATH"',
    )
    assert answer.returncode == 0, answer.stderr
    assert brewed == "install -q pango\n"
    assert answer.stdout.splitlines()[-1].startswith("/opt/homebrew/lib:")


def test_a_new_python_comes_from_brew(tmp_path: Path) -> None:
    answer, brewed = _mac(
        tmp_path, 'find_python() { [ -f "$BREWED" ] && echo python3.13; }\nneed_python'
    )
    assert answer.returncode == 0, answer.stderr
    assert brewed == "install -q python@3.13\n"


def test_what_brew_cannot_give_is_said_with_the_command(tmp_path: Path) -> None:
    answer, _brewed = _mac(tmp_path, "pango_works() { return 1; }\nneed_pango")
    assert answer.returncode == 1
    assert "brew install pango" in answer.stderr
