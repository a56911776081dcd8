"""The line item of a row: its kind, its numbers and that they agree."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats import utbms
from billing.formats.bills import BillLine, LineKind, Timekeeper
from billing.formats.ledes1998b import columns as col
from billing.formats.ledes1998b.fields import CENT, Fields
from billing.formats.problems import Problems

INDICES: Final = (*range(8, 19), 20, 21, 22)
_HALF_CENT: Final = CENT / 2
_ZERO: Final = Decimal(0)
_TYPES: Final = frozenset({"F", "E", "IF", "IE"})
_CODES: Final = (
    (col.TASK_CODE, utbms.CodeKind.TASK),
    (col.ACTIVITY_CODE, utbms.CodeKind.ACTIVITY),
    (col.EXPENSE_CODE, utbms.CodeKind.EXPENSE),
)


class SeenNumbers:
    """Which line item numbers a file used, in flat memory while they count up by one."""

    __slots__ = ("_first", "_last", "_others")

    def __init__(self) -> None:
        self._first = 1
        self._last = 0
        self._others: set[str] = set()

    def add(self, text: str) -> bool:
        """Notes ``text``; false where it was used before. ``01`` and ``1`` are two numbers."""
        if text.isdecimal() and text.isascii() and (text[0] != "0" or text == "0"):
            number = int(text)
            if number == self._last + 1 and text not in self._others:
                self._last = number
                return True
            if self._first <= number <= self._last:
                return False
        if text in self._others:
            return False
        self._others.add(text)
        return True


class Items:
    """Reads line items; remembers what concerns the whole file (numbers, codes, people)."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._numbers = SeenNumbers()
        self._timekeepers: dict[Hashable, Timekeeper] = {}
        self._known_codes: set[tuple[int, str]] = set()

    def read(self, fields: Fields) -> tuple[BillLine | None, Decimal | None]:
        """The line, or ``None`` with findings; and the LINE_ITEM_TOTAL where it is a sum of money."""
        texts = fields.texts
        fields.check_lengths(INDICES)
        number = texts[col.LINE_ITEM_NUMBER]
        if number and not self._numbers.add(number):
            fields.refuse(
                col.LINE_ITEM_NUMBER,
                "line_number_unique",
                _(
                    "This LINE_ITEM_NUMBER stands on an earlier line of the file. Every line item"
                    " needs a number of its own, across all invoices."
                ),
            )
        item_type = texts[col.ITEM_TYPE]
        if item_type and item_type not in _TYPES:
            fields.refuse(
                col.ITEM_TYPE,
                "item_type",
                _("EXP/FEE/INV_ADJ_TYPE must be F (fee), E (expense), IF or IE (adjustment)."),
                expected="F, E, IF, IE",
            )
        units = fields.decimal(col.NUMBER_OF_UNITS)
        adjustment = fields.decimal(col.ADJUSTMENT_AMOUNT)
        total = fields.amount(col.LINE_ITEM_TOTAL)
        unit_cost = fields.decimal(col.UNIT_COST)
        day = fields.date(col.LINE_ITEM_DATE)
        if units is not None and units < 0:
            fields.refuse(
                col.NUMBER_OF_UNITS,
                "negative_units",
                _(
                    "Units are never negative. Write a discount as a line of type IF or IE with a"
                    " negative total."
                ),
            )
        if item_type == "F" and not texts[col.TIMEKEEPER_ID]:
            fields.refuse(
                col.TIMEKEEPER_ID,
                "timekeeper",
                _("A fee line (type F) must name who worked in TIMEKEEPER_ID."),
            )
        if not fields.failed:
            self._check_arithmetic(fields, item_type, units, unit_cost, adjustment, total)
        self._warn(fields)
        if fields.failed or total is None or day is None:
            return None, total
        return (
            BillLine(
                kind=_kind(item_type, total),
                number=number,
                date=day,
                timekeeper=self._timekeeper(texts),
                quantity=units if units is not None else Decimal(1),
                unit_price=unit_cost,
                adjustment=total if unit_cost is None else adjustment or _ZERO,
                amount=total,
                vat_rate=None,
                task_code=texts[col.TASK_CODE],
                activity_code=texts[col.ACTIVITY_CODE],
                expense_code=texts[col.EXPENSE_CODE],
                description=texts[col.LINE_ITEM_DESCRIPTION],
                source_line=fields.line,
            ),
            total,
        )

    def _check_arithmetic(
        self,
        fields: Fields,
        item_type: str,
        units: Decimal | None,
        unit_cost: Decimal | None,
        adjustment: Decimal | None,
        total: Decimal | None,
    ) -> None:
        """LINE_ITEM_TOTAL = units × unit cost + adjustment, to the cent (either way at half a cent).

        An adjustment line (IF, IE) may leave the unit cost out; its total is then the
        adjustment, where one is given.
        """
        if total is None:
            return
        if units is None or unit_cost is None:
            if item_type in ("F", "E"):
                index = col.NUMBER_OF_UNITS if units is None else col.UNIT_COST
                fields.refuse(
                    index,
                    "required",
                    format_lazy(
                        _("{field} is empty. Fee and expense lines must fill it."),
                        field=col.NAMES[index],
                    ),
                )
                return
            exact = adjustment if adjustment else total
        else:
            exact = units * unit_cost + (adjustment or _ZERO)
        if abs(exact - total) > _HALF_CENT:
            expected = str(exact.quantize(CENT, rounding=ROUND_HALF_UP))
            fields.refuse(
                col.LINE_ITEM_TOTAL,
                "line_total",
                format_lazy(
                    _(
                        "LINE_ITEM_TOTAL is {found}, but units × unit cost + adjustment is {expected}."
                        " Correct the total or the figures it comes from."
                    ),
                    found=fields.texts[col.LINE_ITEM_TOTAL],
                    expected=expected,
                ),
                expected=expected,
                found=fields.texts[col.LINE_ITEM_TOTAL],
            )

    def _timekeeper(self, texts: list[str]) -> Timekeeper | None:
        code, name, classification = key = (
            texts[col.TIMEKEEPER_ID],
            texts[col.TIMEKEEPER_NAME],
            texts[col.TIMEKEEPER_CLASSIFICATION],
        )
        if not code:
            return None
        known = self._timekeepers.get(key)
        if known is None:
            known = self._timekeepers[key] = Timekeeper(code, name or None, classification or None)
        return known

    def _warn(self, fields: Fields) -> None:
        """What receivers may object to, once per value."""
        texts = fields.texts
        for index, kind in _CODES:
            code = texts[index]
            if not code or (index, code) in self._known_codes:
                continue
            self._known_codes.add((index, code))
            if not utbms.is_known(kind, code):
                self._problems.warning(
                    fields.line,
                    col.NAMES[index],
                    "ledes1998b.utbms_code",
                    code,
                    format_lazy(
                        _("{code} is in no published UTBMS set for {field}. It is kept as it is."),
                        code=code,
                        field=col.NAMES[index],
                    ),
                )
        classification = texts[col.TIMEKEEPER_CLASSIFICATION]
        if classification and classification not in col.CLASSIFICATIONS:
            self._problems.warning(
                fields.line,
                col.NAMES[col.TIMEKEEPER_CLASSIFICATION],
                "ledes1998b.classification",
                classification,
                _("This is none of the timekeeper classes of the standard. It is kept as it is."),
                expected="PARTNR, ASSOC, OFCNSL, PRLGL, LGLAST, OTH",
            )


#: The columns of a kind: what ``_kind`` undoes when a bill is written.
ITEM_TYPES: Final[Mapping[LineKind, str]] = {
    LineKind.TIME: "F",
    LineKind.EXPENSE: "E",
    LineKind.DISBURSEMENT: "E",
    LineKind.FIXED_FEE: "IF",
    LineKind.DISCOUNT: "IF",
}


def _kind(item_type: str, total: Decimal) -> LineKind:
    if item_type == "F":
        return LineKind.TIME
    if item_type == "E":
        return LineKind.EXPENSE
    if total < 0:
        return LineKind.DISCOUNT
    return LineKind.FIXED_FEE if item_type == "IF" else LineKind.EXPENSE
