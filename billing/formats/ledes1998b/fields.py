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

from billing.formats.ledes1998b.columns import LEDES_1998B, Layout
from billing.formats.problems import Problems
from infra.common.money import is_currency, minor_exponent

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


@lru_cache(maxsize=256)
def _unit_of(currency: str) -> Decimal:
    """The smallest amount of a currency; never below a cent, which is what bills here can hold."""
    if not is_currency(currency):
        return CENT
    return max(Decimal(1).scaleb(-minor_exponent(currency)), CENT)


class Fields:
    """The texts of one row; every reading that fails is noted and counted in ``failed``.

    ``unit`` is the smallest amount that the row's currency has: a cent where none is named.
    """

    __slots__ = ("failed", "layout", "line", "problems", "texts", "unit")

    def __init__(
        self, line: int, texts: list[str], problems: Problems, layout: Layout = LEDES_1998B
    ) -> None:
        self.line = line
        self.texts = texts
        self.problems = problems
        self.layout = layout
        self.unit = CENT if layout.currency is None else _unit_of(texts[layout.currency])
        self.failed = False

    def name(self, index: int) -> str:
        """What the column at ``index`` is called."""
        return self.layout.names[index]

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
            self.name(index),
            f"{self.layout.rules}.{rule}",
            self.texts[index],
            message,
            expected=expected,
            found=found,
        )

    def warn(
        self,
        index: int,
        rule: str,
        message: str | Promise,
        *,
        expected: str | None = None,
        found: str | None = None,
    ) -> None:
        """Notes a warning in the column at ``index``; ``rule`` without the format's name."""
        self.problems.warning(
            self.line,
            self.name(index),
            f"{self.layout.rules}.{rule}",
            self.texts[index],
            message,
            expected=expected,
            found=found,
        )

    def check_lengths(self, indices: Iterable[int]) -> None:
        """Required columns are filled and no column is longer than the format allows."""
        texts, columns = self.texts, self.layout.columns
        for index in indices:
            text = texts[index]
            name, length, required = columns[index]
            if not text:
                if required:
                    self.refuse(
                        index,
                        "required",
                        format_lazy(_("{field} is empty. Every row must fill it."), field=name),
                    )
            elif len(text) > length:
                self.refuse(
                    index,
                    "length",
                    format_lazy(
                        _("{field} has {found} characters; the format allows {allowed}."),
                        field=name,
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
                    field=self.name(index),
                ),
            )
        return number

    def amount(self, index: int) -> Decimal | None:
        """Like ``decimal``, for sums of money: nothing below the currency's smallest unit."""
        number = self.decimal(index)
        if number is not None and number != number.quantize(self.unit):
            message = (
                _("{field} has decimals, which its currency does not have. Round it.")
                if self.unit == 1
                else _("{field} has parts of a cent. Round it to cents.")
            )
            self.refuse(index, "cents", format_lazy(message, field=self.name(index)))
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
                    field=self.name(index),
                ),
            )
        return day
