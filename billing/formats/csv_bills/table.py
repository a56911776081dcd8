"""The rows of a spreadsheet file: delimiter, quotes, columns. What the cells mean comes later."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.csv_bills.columns import FIELDS, NAMES
from billing.formats.problems import Problems
from billing.formats.source import Source

DELIMITERS: Final = (";", "\t", ",", "|")


class _Feed:
    """Hands lines to the CSV reader and remembers where the present record began."""

    def __init__(self, first: tuple[int, str], rest: Iterator[tuple[int, str]]) -> None:
        self._waiting: tuple[int, str] | None = first
        self._rest = rest
        self.began = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self._waiting is not None:
            number, text = self._waiting
            self._waiting = None
        else:
            number, text = next(self._rest)
        self.began = self.began or number
        return text + "\n"


def sniff_delimiter(header: str) -> str:
    """The delimiter that parts the header line most often outside quotes (comma where none does)."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda mark: (outside.count(mark), mark == ","))


class Table:
    """A file's header and, iterating, its rows as ``(line, cells)``; findings go to ``problems``."""

    def __init__(self, source: Source, problems: Problems, *, delimiter: str) -> None:
        self._problems = problems
        lines = iter(source)
        number, text = 1, ""
        for number, text in lines:  # noqa: B007 - the first line with content is the header
            if text.lower().startswith("sep=") and len(text) == 5:
                delimiter = delimiter or text[4]
            elif text.strip():
                break
        self.header_line = number
        self.delimiter = delimiter or sniff_delimiter(text)
        self._feed = _Feed((number, text), lines)
        self._reader = csv.reader(self._feed, delimiter=self.delimiter, strict=True)
        cells = self._next()
        self.columns = tuple(cell.strip() for cell in cells[1]) if cells else ()

    def _next(self) -> tuple[int, list[str]] | None:
        self._feed.began = 0
        try:
            cells = next(self._reader, None)
        except csv.Error:
            self._problems.error(
                self._feed.began,
                "",
                "csv.quotes",
                "",
                _('The quotation marks of this row do not match. Inside a text write "" for each.'),
            )
            return None
        return None if cells is None else (self._feed.began, cells)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        width = len(self.columns)
        while (row := self._next()) is not None:
            line, cells = row
            if self._problems.full:
                self._problems.gave_up(line)
                return
            if not any(cells) or not any(cell.strip() for cell in cells):
                continue
            if len(cells) != width:
                self._problems.error(
                    line,
                    "",
                    "csv.cell_count",
                    "",
                    format_lazy(
                        _("The row has {found} cells, the header has {expected}."),
                        found=len(cells),
                        expected=width,
                    ),
                    expected=str(width),
                    found=str(len(cells)),
                )
                continue
            yield row

    def positions(self, mapping: Mapping[str, str]) -> dict[str, int]:
        """Our field names to cell positions; what is missing, unknown or twice there is noted."""
        positions: dict[str, int] = {}
        for name, column in mapping.items():
            if name not in NAMES:
                self._note(name, "csv.unknown_field", column, _("There is no field of this name."))
            elif column not in self.columns:
                self._note(
                    name, "csv.missing_column", column, _("The file has no column of this name.")
                )
            elif self.columns.count(column) > 1:
                self._note(
                    name, "csv.column_twice", column, _("The file has two columns of this name.")
                )
            else:
                positions[name] = self.columns.index(column)
        self._check_complete(mapping)
        return positions

    def _check_complete(self, mapping: Mapping[str, str]) -> None:
        missing: Sequence[str] = [
            field.name for field in FIELDS if field.required and field.name not in mapping
        ]
        if "amount" not in mapping and not {"quantity", "unit_price"} <= set(mapping):
            missing = [*missing, "amount"]
        for name in missing:
            self._note(
                name,
                "csv.unmapped",
                "",
                format_lazy(
                    _("No column is chosen for: {field}."),
                    field=next(field.label for field in FIELDS if field.name == name),
                ),
            )

    def _note(self, name: str, rule: str, value: str, message: str | Promise) -> None:
        self._problems.error(self.header_line, name, rule, value, message)
