"""The line item of a row: its kind, its numbers and that they agree."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats import utbms
from billing.formats.bills import BillLine, LineKind, Timekeeper
from billing.formats.ledes1998b import columns as col
from billing.formats.ledes1998b.fields import Fields
from billing.formats.ledes1998b.invoices import ItemSums

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

INDICES: Final = (*range(8, 19), 20, 21, 22)
_ZERO: Final = Decimal(0)
_TYPES: Final = frozenset({"F", "E", "IF", "IE"})
_CODES: Final = (
    (col.TASK_CODE, utbms.CodeKind.TASK),
    (col.ACTIVITY_CODE, utbms.CodeKind.ACTIVITY),
    (col.EXPENSE_CODE, utbms.CodeKind.EXPENSE),
)


class Tax(NamedTuple):
    """The tax of a line as the file states it; ``rate`` in percent, ``None`` where none is named."""

    rate: Decimal | None
    amount: Decimal


NO_TAX: Final = Tax(None, _ZERO)


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

    indices: ClassVar[tuple[int, ...]] = INDICES
    total_message: ClassVar[_StrPromise] = _(
        "LINE_ITEM_TOTAL is {found}, but units × unit cost + adjustment is {expected}."
        " Correct the total or the figures it comes from."
    )

    def __init__(self) -> None:
        self._numbers = SeenNumbers()
        self._timekeepers: dict[Hashable, Timekeeper] = {}
        self._known_codes: set[tuple[int, str]] = set()

    def read(self, fields: Fields) -> tuple[BillLine | None, ItemSums | None]:
        """The line, or ``None`` with findings; and its stated sums where they are sums of money."""
        texts = fields.texts
        fields.check_lengths(self.indices)
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
        tax = self.tax(fields)
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
        sums = None if total is None or tax is None else ItemSums(total, tax.amount)
        if not fields.failed and total is not None and tax is not None:
            net = self._net(fields, units, unit_cost, adjustment, total - tax.amount)
            if net is not None:
                self.check_sums(fields, net, total, tax)
        self._warn(fields)
        if fields.failed or total is None or tax is None or day is None:
            return None, sums
        amount = total - tax.amount
        return (
            BillLine(
                kind=_kind(item_type, amount),
                number=number,
                date=day,
                timekeeper=self._timekeeper(texts),
                quantity=units if units is not None else Decimal(1),
                unit_price=unit_cost,
                adjustment=amount if unit_cost is None else adjustment or _ZERO,
                amount=amount,
                vat_rate=tax.rate,
                task_code=texts[col.TASK_CODE],
                activity_code=texts[col.ACTIVITY_CODE],
                expense_code=texts[col.EXPENSE_CODE],
                description=texts[col.LINE_ITEM_DESCRIPTION],
                source_line=fields.line,
            ),
            sums,
        )

    def tax(self, fields: Fields) -> Tax | None:
        """The tax of a row; ``None`` with findings. LEDES 1998B has none."""
        return NO_TAX

    def timekeeper_name(self, texts: list[str]) -> str:
        """Who worked, surname first."""
        return texts[col.TIMEKEEPER_NAME]

    def _net(
        self,
        fields: Fields,
        units: Decimal | None,
        unit_cost: Decimal | None,
        adjustment: Decimal | None,
        stated: Decimal,
    ) -> Decimal | None:
        """Units × unit cost + adjustment, not rounded; ``None`` with a finding.

        An adjustment line (IF, IE) may leave the unit cost out; it then comes to its
        adjustment, where one is given, else to what is ``stated``.
        """
        if units is not None and unit_cost is not None:
            return units * unit_cost + (adjustment or _ZERO)
        if fields.texts[col.ITEM_TYPE] in ("F", "E"):
            index = col.NUMBER_OF_UNITS if units is None else col.UNIT_COST
            fields.refuse(
                index,
                "required",
                format_lazy(
                    _("{field} is empty. Fee and expense lines must fill it."),
                    field=fields.name(index),
                ),
            )
            return None
        return adjustment if adjustment else stated

    def check_sums(self, fields: Fields, net: Decimal, total: Decimal, tax: Tax) -> None:
        """LINE_ITEM_TOTAL is the exact ``net`` plus the stated tax."""
        self.check_sum(
            fields, col.LINE_ITEM_TOTAL, "line_total", self.total_message, net + tax.amount, total
        )

    @staticmethod
    def check_sum(
        fields: Fields,
        index: int,
        rule: str,
        message: _StrPromise,
        exact: Decimal,
        found: Decimal,
    ) -> None:
        """A column holds ``exact``, rounded to the smallest unit (either way at half of it)."""
        if abs(exact - found) * 2 <= fields.unit:
            return
        expected = str(exact.quantize(fields.unit, rounding=ROUND_HALF_UP))
        text = fields.texts[index]
        fields.refuse(
            index,
            rule,
            format_lazy(message, found=text, expected=expected),
            expected=expected,
            found=text,
        )

    def _timekeeper(self, texts: list[str]) -> Timekeeper | None:
        code, name, classification = key = (
            texts[col.TIMEKEEPER_ID],
            self.timekeeper_name(texts),
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
                fields.warn(
                    index,
                    "utbms_code",
                    format_lazy(
                        _("{code} is in no published UTBMS set for {field}. It is kept as it is."),
                        code=code,
                        field=fields.name(index),
                    ),
                )
        classification = texts[col.TIMEKEEPER_CLASSIFICATION]
        if classification and classification not in col.CLASSIFICATIONS:
            fields.warn(
                col.TIMEKEEPER_CLASSIFICATION,
                "classification",
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


def _kind(item_type: str, amount: Decimal) -> LineKind:
    if item_type == "F":
        return LineKind.TIME
    if item_type == "E":
        return LineKind.EXPENSE
    if amount < 0:
        return LineKind.DISCOUNT
    return LineKind.FIXED_FEE if item_type == "IF" else LineKind.EXPENSE
