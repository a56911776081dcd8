"""One field of a row: text to date or decimal, with a finding where that cannot be done."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.ledes1998b import columns as col
from billing.formats.problems import Problems

CENT: Final = Decimal("0.01")
_DECIMAL = re.compile(r"-?(?:[0-9]{1,12}(?:\.[0-9]{0,4})?|\.[0-9]{1,4})")
_DATE = re.compile(r"[0-9]{8}")


@lru_cache(maxsize=8192)
def _decimal_of(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


@lru_cache(maxsize=4096)
def _date_of(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


class Fields:
    """The 24 texts of one row; every reading that fails is noted and counted in ``failed``."""

    __slots__ = ("failed", "line", "problems", "texts")

    def __init__(self, line: int, texts: list[str], problems: Problems) -> None:
        self.line = line
        self.texts = texts
        self.problems = problems
        self.failed = False

    def refuse(
        self,
        index: int,
        rule: str,
        message: str | Promise,
        *,
        expected: str | None = None,
        found: str | None = None,
    ) -> None:
        """Notes an error in the column at ``index``; ``rule`` without the format's name."""
        self.failed = True
        self.problems.error(
            self.line,
            col.NAMES[index],
            f"ledes1998b.{rule}",
            self.texts[index],
            message,
            expected=expected,
            found=found,
        )

    def check_lengths(self, indices: Iterable[int]) -> None:
        """Required columns are filled and no column is longer than the format allows."""
        for index in indices:
            text = self.texts[index]
            _name, length, required = col.COLUMNS[index]
            if not text:
                if required:
                    self.refuse(
                        index,
                        "required",
                        format_lazy(
                            _("{field} is empty. Every row must fill it."), field=col.NAMES[index]
                        ),
                    )
            elif len(text) > length:
                self.refuse(
                    index,
                    "length",
                    format_lazy(
                        _("{field} has {found} characters; the format allows {allowed}."),
                        field=col.NAMES[index],
                        found=len(text),
                        allowed=length,
                    ),
                    expected=str(length),
                    found=str(len(text)),
                )

    def decimal(self, index: int) -> Decimal | None:
        """The number in a column; ``None`` where it is empty or, with a finding, no number."""
        text = self.texts[index]
        if not text:
            return None
        number = _decimal_of(text)
        if number is None:
            self.refuse(
                index,
                "number",
                format_lazy(
                    _(
                        "{field} is not a number of this format. Write at most 12 digits, a point and"
                        " at most 4 decimals, without separators: 1250.00."
                    ),
                    field=col.NAMES[index],
                ),
            )
        return number

    def amount(self, index: int) -> Decimal | None:
        """Like ``decimal``, for sums of money: nothing below a cent."""
        number = self.decimal(index)
        if number is not None and number != number.quantize(CENT):
            self.refuse(
                index,
                "cents",
                format_lazy(
                    _("{field} has parts of a cent. Round it to cents."), field=col.NAMES[index]
                ),
            )
            return None
        return number

    def date(self, index: int) -> date | None:
        """The day in a column; ``None`` where it is empty or, with a finding, no day."""
        text = self.texts[index]
        if not text:
            return None
        day = _date_of(text)
        if day is None:
            self.refuse(
                index,
                "date",
                format_lazy(
                    _(
                        "{field} is not a date. Write year, month and day as YYYYMMDD, for example 20260131."
                    ),
                    field=col.NAMES[index],
                ),
            )
        return day
