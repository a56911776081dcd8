"""Dates and numbers of a spreadsheet, whose notation the file itself does not tell.

Which notation holds is decided once per file, from all its values; where they leave two
readings open, that is said and the person chooses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.problems import Problems


class DateOrder(StrEnum):
    """How 03/04/2026 is meant. ISO dates (2026-04-03) are read under each of them."""

    GUESS = "guess"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class DecimalMark(StrEnum):
    """What parts the decimals."""

    GUESS = "guess"
    COMMA = ","
    POINT = "."


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """What a person chose for a file. ``delimiter`` empty: found from the first line."""

    delimiter: str = ""
    date_order: DateOrder = DateOrder.GUESS
    decimal_mark: DecimalMark = DecimalMark.GUESS


_ISO = re.compile(r"([0-9]{4})([-/.]?)([0-9]{2})\2([0-9]{2})(?:[T ][0-9:.]+Z?)?")
_PARTS = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?: [0-9:]+)?")
_IGNORED = str.maketrans(
    dict.fromkeys(" \u00a0\u202f\u2009'\u2019€$£", "") | {"\N{MINUS SIGN}": "-"}
)
_PLAIN_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}")


def date_of(text: str, order: DateOrder) -> date | None:
    """The day that ``text`` names, or ``None``."""
    if match := _ISO.fullmatch(text):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
    elif match := _PARTS.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        swapped = order is DateOrder.MONTH_FIRST and match[2] != "."
        day, month = (second, first) if swapped else (first, second)
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def guess_date_order(seen: Mapping[str, int], problems: Problems, field: str) -> DateOrder:
    """The order that the values allow; an error where they allow both or neither.

    ``seen``: each distinct text with the line it first stands on.
    """
    day_first: tuple[str, int] | None = None
    month_first: tuple[str, int] | None = None
    open_value: tuple[str, int] | None = None
    for text, line in seen.items():
        match = _PARTS.fullmatch(text)
        if match is None or match[2] == ".":
            continue
        first, second = int(match[1]), int(match[3])
        if first > 12 >= second:
            day_first = day_first or (text, line)
        elif second > 12 >= first:
            month_first = month_first or (text, line)
        elif first != second:
            open_value = open_value or (text, line)
    if day_first and month_first:
        problems.error(
            month_first[1],
            field,
            "csv.mixed_dates",
            month_first[0],
            format_lazy(
                _(
                    "Dates are written day first (line {line}) and month first. Write all of them one way."
                ),
                line=day_first[1],
            ),
            expected=day_first[0],
            found=month_first[0],
        )
    elif open_value and not day_first and not month_first:
        problems.error(
            open_value[1],
            field,
            "csv.ambiguous_date",
            open_value[0],
            _(
                "Day or month may stand first in the dates of this file. Choose which, and read it again."
            ),
            expected="dmy, mdy",
        )
    return DateOrder.MONTH_FIRST if month_first and not day_first else DateOrder.DAY_FIRST


def _bare_number(text: str) -> tuple[str, bool]:
    """Digits and marks, and whether it is negative (minus before or after, or in brackets)."""
    bare = text.translate(_IGNORED)
    if bare.startswith("(") and bare.endswith(")"):
        return bare[1:-1], True
    if bare.endswith("-"):
        return bare[:-1], True
    return bare.removeprefix("+").removeprefix("-"), bare.startswith("-")


def _mark_of(bare: str) -> str | None:
    """The decimal mark that one number proves; ``?`` where it may be either, ``None`` without marks."""
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma < 0 and point < 0:
        return None
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    mark, other = (",", ".") if comma >= 0 else (".", ",")
    if bare.count(mark) > 1:
        return other
    whole, _, rest = bare.partition(mark)
    if len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return "?"
    return mark


def guess_decimal_mark(seen: Mapping[str, int], problems: Problems, field: str) -> DecimalMark:
    """The decimal mark of a file's numbers; an error where they allow both or prove both."""
    proof: dict[str, tuple[str, int]] = {}
    for text, line in seen.items():
        mark = _mark_of(_bare_number(text)[0])
        if mark is not None:
            proof.setdefault(mark, (text, line))
    comma, point, either = proof.get(","), proof.get("."), proof.get("?")
    if comma and point:
        later = max(comma, point, key=lambda found: found[1])
        problems.error(
            later[1],
            field,
            "csv.mixed_decimals",
            later[0],
            _(
                "Some numbers have a decimal comma, others a decimal point. Write all of them one way."
            ),
            expected=min(comma, point, key=lambda found: found[1])[0],
            found=later[0],
        )
    elif either and not comma and not point:
        problems.error(
            either[1],
            field,
            "csv.ambiguous_number",
            either[0],
            _(
                "This may be thousands or decimals. Choose the decimal mark, and read the file again."
            ),
            expected=", .",
        )
    return DecimalMark.COMMA if comma and not point else DecimalMark.POINT


def decimal_of(text: str, mark: DecimalMark) -> Decimal | None:
    """The number that ``text`` means with that decimal mark, or ``None``.

    At most 12 digits before and 6 after the mark; thousands may be grouped by threes.
    """
    bare, negative = _bare_number(text)
    other = "." if mark is DecimalMark.COMMA else ","
    whole, _, decimals = bare.partition(mark.value)
    if other in whole:
        groups = whole.split(other)
        if not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:]):
            return None
        whole = "".join(groups)
    plain = f"{whole}.{decimals}" if decimals else whole
    if not _PLAIN_NUMBER.fullmatch(plain):
        return None
    return Decimal(f"-{plain}" if negative else plain)
