"""The tables of a run: printed, kept as JSON each, and written together as Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
START = """# Tables of the last run

Written by `python -m infra.tooling.bench`; what they mean and which bars they meet is told in
docs/benchmarks.md. The throwaway PostgreSQL of a run does not wait for the disk.
"""


class Report:
    """Collects tables in the order in which they are measured."""

    def __init__(self, results: Path = RESULTS, start: str = START) -> None:
        self._results = results
        self.parts = [start]

    def add(self, title: str, name: str, rows: list[dict[str, Any]]) -> None:
        """Print a table, keep it as ``results/<name>.json`` and in ``results/tables.md``."""
        table = _table(title, rows)
        print(f"\n{table}", flush=True)
        self.parts.append(table)
        self._results.mkdir(exist_ok=True)
        (self._results / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n")
        (self._results / "tables.md").write_text("\n".join(self.parts))


def _table(title: str, rows: list[dict[str, Any]]) -> str:
    lines = [f"## {title}", "", "| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    lines += ["| " + " | ".join(str(value) for value in row.values()) + " |" for row in rows]
    return "\n".join(lines) + "\n"
