"""Forms of the client portal: what to find, how much to pay."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from babel import Locale
from babel.numbers import get_group_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.invoices.selectors import ORDERINGS, InvoiceQuery
from infra.tenancy.locale_formats import locale_code
from webapp.kit.amounts import DayField, WholeNumberField

TO_PAY = "open,partially_paid,overdue"
STATES = (
    ("", _("All")),
    (TO_PAY, _("To pay")),
    ("overdue", _("Overdue")),
    ("paid", pgettext_lazy("invoice", "Paid")),
    ("void,credited,written_off", pgettext_lazy("invoice", "Cancelled")),
)
CHOICES = ("status", "ordering", "page")
LARGEST = Decimal(10) ** 12

# What people put between thousands besides point and comma: spaces of all widths, apostrophes.
_LOOSE = re.compile(r"[\s'\u2019\u00a0\u202f]")
_SIGNS = re.compile(r"^(?:[A-Z]{3}|[€$£])|(?:[A-Z]{3}|[€$£])$")
_GROUPED = re.compile(r"^\d{1,3}(?:[.,]\d{3})+$")


def parsed_amount(text: str, group: str) -> Decimal | None:
    """``1.240,50``, ``1,240.50``, ``150,00`` or ``150`` as a number; None if it is none.

    The last mark of two different ones is the decimal mark. A single mark before exactly
    three digits means thousands only if it is ``group``, the reader's own thousands mark.
    """
    plain = _SIGNS.sub("", _LOOSE.sub("", text))
    marks = [sign for sign in plain if sign in ".,"]
    decimal = marks[-1] if marks else ""
    if marks and len(set(marks)) == 1 and _GROUPED.match(plain):
        decimal = "" if len(marks) > 1 or decimal == group else decimal
    if decimal and marks.count(decimal) > 1:
        return None
    whole, _mark, cents = plain.partition(decimal) if decimal else (plain, "", "")
    if any(mark in whole for mark in ".,") and not _GROUPED.match(whole):
        return None
    digits = re.sub(r"[.,]", "", whole)
    if not (digits + cents).isascii() or not digits.isdigit() or (cents and not cents.isdigit()):
        return None
    try:
        return Decimal(f"{digits}.{cents or 0}")
    except InvalidOperation:
        return None


class AmountField(forms.Field):
    """An amount of money as people write it, with point or comma."""

    default_error_messages = {"amount": _("Please give an amount, for example 150.00.")}
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 24})

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        if not text:
            return None
        locale = Locale.parse(locale_code(get_language() or "en"))
        amount = parsed_amount(text, get_group_symbol(locale)) if len(text) <= 24 else None
        if amount is None or amount >= LARGEST:
            raise ValidationError(self.error_messages["amount"], code="amount")
        return amount


class PayForm(forms.Form):
    """Everything that is open, or (``part``) another amount."""

    part = forms.BooleanField(required=False, widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("part"):
            given["amount"] = None
        elif given.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", AmountField.default_error_messages["amount"])
        return given


def _day(label: Any) -> forms.DateField:
    return DayField(
        label=label,
        required=False,
        error_messages={"invalid": _("Give a date as YYYY-MM-DD.")},
    )


class InvoiceFilterForm(forms.Form):
    """The filter line of the invoice list."""

    search = forms.CharField(
        label=_("Find"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Number or words")}),
    )
    status = forms.ChoiceField(label=_("Status"), required=False, choices=STATES)
    issued_after = _day(pgettext_lazy("date", "From"))
    issued_before = _day(pgettext_lazy("date", "To"))
    min_total = AmountField(label=_("At least"), required=False)
    max_total = AmountField(label=_("At most"), required=False)
    ordering = forms.ChoiceField(
        required=False,
        choices=[(sign + name, name) for name in ORDERINGS for sign in ("", "-")],
        widget=forms.HiddenInput,
    )
    page = WholeNumberField(required=False, min_value=1, max_value=100_000)

    def query(self) -> InvoiceQuery:
        """What was asked; what could not be understood counts as not asked."""
        given: dict[str, Any] = self.cleaned_data
        return InvoiceQuery(
            status=tuple(word for word in (given.get("status") or "").split(",") if word),
            issued_after=given.get("issued_after"),
            issued_before=given.get("issued_before"),
            min_total=given.get("min_total"),
            max_total=given.get("max_total"),
            search=given.get("search") or "",
            ordering=given.get("ordering") or "-issue_date",
        )

    @property
    def choices_alone(self) -> tuple[tuple[str, str], ...] | None:
        """All that was asked, if nobody typed anything: only our own words, in their order."""
        data = cast(QueryDict, self.data)
        asked = tuple((name, str(value)) for name, value in data.items())
        once = all(len(values) == 1 for _name, values in data.lists())
        known = all(name in CHOICES or (name in self.fields and not value) for name, value in asked)
        if self.errors or not once or not known:
            return None
        return tuple((name, value) for name, value in asked if name != "page")

    @property
    def folded_count(self) -> int:
        """How many filters besides the search words are in use."""
        names = ("status", "issued_after", "issued_before", "min_total", "max_total")
        return sum(1 for name in names if self.cleaned_data.get(name) not in (None, ""))
