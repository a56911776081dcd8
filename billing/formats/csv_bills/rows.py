"""One row of a spreadsheet as a line of a bill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats import utbms
from billing.formats.bills import BillLine, LineKind, Timekeeper
from billing.formats.csv_bills.columns import FIELDS, kind_of
from billing.formats.csv_bills.values import DateOrder, DecimalMark, date_of, decimal_of
from billing.formats.problems import Problems
from infra.common.money import is_currency, minor_exponent

DATES: Final = ("invoice_date", "due_date", "date")
NUMBERS: Final = ("invoice_total", "quantity", "unit_price", "amount", "vat_rate")
_BY_NAME: Final = {spec.name: spec for spec in FIELDS}
_CODES: Final = (
    ("task_code", utbms.CodeKind.TASK),
    ("activity_code", utbms.CodeKind.ACTIVITY),
    ("expense_code", utbms.CodeKind.EXPENSE),
)
_ZERO: Final = Decimal(0)
# What bills here can hold at the finest.
_CENT: Final = Decimal("0.01")


@dataclass(slots=True)
class Notation:
    """How this file writes dates and numbers; equal texts are read once."""

    dates: DateOrder
    decimals: DecimalMark
    _seen_dates: dict[str, date | None] = field(default_factory=dict)
    _seen_numbers: dict[str, Decimal | None] = field(default_factory=dict)

    def date(self, text: str) -> date | None:
        if text not in self._seen_dates:
            self._seen_dates[text] = date_of(text, self.dates)
        return self._seen_dates[text]

    def number(self, text: str) -> Decimal | None:
        if text not in self._seen_numbers:
            self._seen_numbers[text] = decimal_of(text.removesuffix("%"), self.decimals)
        return self._seen_numbers[text]


class Row:
    """The cells of one row under our field names; findings are noted and set ``failed``."""

    __slots__ = ("cells", "failed", "line", "notation", "problems")

    def __init__(
        self, line: int, cells: Mapping[str, str], notation: Notation, problems: Problems
    ) -> None:
        self.line = line
        self.cells = cells
        self.notation = notation
        self.problems = problems
        self.failed = False

    def text(self, name: str) -> str:
        return self.cells.get(name, "")

    def refuse(
        self,
        name: str,
        rule: str,
        message: str | Promise,
        *,
        expected: str | None = None,
        found: str | None = None,
    ) -> None:
        """Notes an error in one of our fields; ``rule`` without the format's name."""
        self.failed = True
        self.problems.error(
            self.line, name, f"csv.{rule}", self.text(name), message, expected=expected, found=found
        )

    def check_texts(self) -> None:
        """Required cells are filled, no cell is too long, e-mail and currency look right."""
        for name, text in self.cells.items():
            spec = _BY_NAME[name]
            if not text and spec.required:
                self.refuse(name, "required", format_lazy(_("{field} is empty."), field=spec.label))
            elif len(text) > spec.length:
                self.refuse(
                    name,
                    "length",
                    format_lazy(
                        _("{field} has {found} characters; {allowed} are allowed."),
                        field=spec.label,
                        found=len(text),
                        allowed=spec.length,
                    ),
                    expected=str(spec.length),
                    found=str(len(text)),
                )
        email, currency = self.text("client_email"), self.text("currency")
        if email and not _is_address(email):
            self.refuse("client_email", "email", _("This is not an e-mail address."))
        if currency and not is_currency(currency.upper()):
            self.refuse("currency", "currency", _("This is not a currency code such as EUR."))

    @property
    def currency(self) -> str | None:
        code = self.text("currency").upper()
        return code if code and is_currency(code) else None

    def day(self, name: str) -> date | None:
        text = self.text(name)
        if not text:
            return None
        day = self.notation.date(text)
        if day is None:
            self.refuse(
                name, "date", _("This is not a date. Write it as 2026-01-31 or 31/01/2026.")
            )
        return day

    def number(self, name: str) -> Decimal | None:
        text = self.text(name)
        if not text:
            return None
        number = self.notation.number(text)
        if number is None:
            self.refuse(
                name,
                "number",
                format_lazy(
                    _("This is not a number with “{mark}” before its decimals."),
                    mark=self.notation.decimals.value,
                ),
            )
        return number

    def bill_line(self, number: int, invoice_date: date | None) -> BillLine | None:
        """The line that the row describes, or ``None`` with findings."""
        day = self.day("date") or invoice_date
        quantity, unit_price = self.number("quantity"), self.number("unit_price")
        amount = self._amount(quantity, unit_price)
        kind = self._kind(amount)
        vat_rate = self._vat_rate()
        if kind is LineKind.DISCOUNT and amount is not None and amount > 0:
            self.refuse("amount", "discount_sign", _("A discount needs a negative amount."))
        elif quantity is not None and quantity < 0 and kind is not LineKind.DISCOUNT:
            self.refuse(
                "quantity",
                "negative_quantity",
                _("A quantity is not negative. Write a discount as its own line."),
            )
        self._warn_of_codes()
        if self.failed or day is None or amount is None or kind is None:
            return None
        code = self.text("timekeeper_code")
        name = self.text("timekeeper_name")
        return BillLine(
            kind=kind,
            number=str(number),
            date=day,
            timekeeper=Timekeeper(code or name[:20], name or None) if code or name else None,
            quantity=quantity if quantity is not None else Decimal(1),
            unit_price=unit_price,
            adjustment=_ZERO if unit_price is not None else amount,
            amount=amount,
            vat_rate=vat_rate,
            task_code=self.text("task_code"),
            activity_code=self.text("activity_code"),
            expense_code=self.text("expense_code"),
            description=self.text("description"),
            source_line=self.line,
        )

    def _amount(self, quantity: Decimal | None, unit_price: Decimal | None) -> Decimal | None:
        unit = max(Decimal(1).scaleb(-minor_exponent(self.currency or "EUR")), _CENT)
        exact = (
            None
            if unit_price is None
            else (Decimal(1) if quantity is None else quantity) * unit_price
        )
        if not self.text("amount"):
            if exact is None:
                self.refuse("amount", "required", _("Fill the amount, or quantity and unit price."))
                return None
            return exact.quantize(unit, rounding=ROUND_HALF_UP)
        amount = self.number("amount")
        if amount is None:
            return None
        if amount != amount.quantize(unit):
            self.refuse("amount", "cents", _("The amount has parts of a cent. Round it to cents."))
        elif exact is not None and abs(exact - amount) > unit / 2:
            expected = str(exact.quantize(unit, rounding=ROUND_HALF_UP))
            self.refuse(
                "amount",
                "line_total",
                format_lazy(
                    _("The amount is {found}, but quantity × unit price is {expected}."),
                    found=amount,
                    expected=expected,
                ),
                expected=expected,
                found=str(amount),
            )
        return amount

    def _kind(self, amount: Decimal | None) -> LineKind | None:
        """The kind that is written; without one: what the other cells say."""
        text = self.text("kind")
        if text:
            kind = kind_of(text)
            if kind is None:
                self.refuse(
                    "kind",
                    "kind",
                    _(
                        "This is no kind of line. Write time, expense, fixed fee, discount or disbursement."
                    ),
                    expected=", ".join(LineKind),
                )
            return kind
        if amount is not None and amount < 0:
            return LineKind.DISCOUNT
        if self.text("expense_code"):
            return LineKind.EXPENSE
        if self.text("timekeeper_code") or self.text("timekeeper_name"):
            return LineKind.TIME
        return LineKind.FIXED_FEE

    def _vat_rate(self) -> Decimal | None:
        """As a percentage; 0.21 means 21 %."""
        rate = self.number("vat_rate")
        if rate is not None and 0 < rate < 1:
            rate *= 100
        if rate is not None and not 0 <= rate <= 100:
            self.refuse("vat_rate", "vat_rate", _("A VAT rate lies between 0 and 100 %."))
        return rate

    def _warn_of_codes(self) -> None:
        for name, kind in _CODES:
            code = self.text(name)
            if code and not utbms.is_known(kind, code):
                self.problems.warning(
                    self.line,
                    name,
                    "csv.utbms_code",
                    code,
                    format_lazy(
                        _("{code} is in no published UTBMS set. It is kept as it is."), code=code
                    ),
                )


def _is_address(text: str) -> bool:
    """Whether the columns that keep addresses take this one."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
