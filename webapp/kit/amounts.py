"""Amounts as people type them: 1 234,50 and 1,234.50 and 1234.5, by the reader's locale."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_decimal, get_decimal_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from infra.rendering.reader_locale import current_locale

_IGNORED = dict.fromkeys(map(ord, " \u00a0\u202f\u2009'\u2019\u20ac$\u00a3%"), "")
_IGNORED[0x2212] = "-"
_GROUPED = re.compile(r"\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*")


def read_amount(text: str, decimal_mark: str) -> Decimal | None:
    """The number a person meant, or None if it can be read in no sensible way.

    Of two different marks the last parts the decimals. A single mark before exactly three digits
    parts thousands unless it is the reader's own decimal mark.
    """
    bare = text.translate(_IGNORED)
    sign = "-" if bare.startswith("-") else ""
    bare = bare.lstrip("+-")
    whole, decimals = bare, ""
    marks = {mark for mark in ",." if mark in bare}
    if len(marks) == 2:
        mark = max(marks, key=bare.rfind)
        whole, _mark, decimals = bare.rpartition(mark)
    elif marks:
        (mark,) = marks
        if bare.count(mark) == 1 and (mark == decimal_mark or not _GROUPED.fullmatch(bare)):
            whole, _mark, decimals = bare.partition(mark)
    if ("," in whole or "." in whole) and not _GROUPED.fullmatch(whole):
        return None
    whole = whole.replace(",", "").replace(".", "") or "0"
    if not re.fullmatch(r"\d{1,15}", whole, re.ASCII) or not re.fullmatch(
        r"\d{0,8}", decimals, re.ASCII
    ):
        return None
    if not any(digit.isdigit() for digit in bare):
        return None
    try:
        return Decimal(f"{sign}{whole}.{decimals or 0}")
    except InvalidOperation:
        return None


class AmountField(forms.DecimalField):
    """A number in the reader's notation; ``places`` decimals at most."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": _("Please give a number, for example %(example)s."),
        "places": _("Please give at most %(places)s decimals."),
    }

    def __init__(self, *, places: int = 2, **options: Any) -> None:
        self.places = places
        options.setdefault("max_digits", 14)
        super().__init__(decimal_places=None, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, Decimal):
            return value or None if value in self.empty_values else value
        locale = current_locale()
        amount = read_amount(str(value), get_decimal_symbol(locale))
        if amount is None:
            example = format_decimal(Decimal("1234.5"), format="#,##0.00", locale=locale)
            raise ValidationError(
                self.error_messages["invalid"], code="invalid", params={"example": example}
            )
        exponent = amount.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            raise ValidationError(
                self.error_messages["places"], code="places", params={"places": self.places}
            )
        return amount

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            pattern = "0." + "0" * min(2, self.places) + "#" * max(0, self.places - 2)
            return format_decimal(value, format=pattern, locale=current_locale())
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


class _InAscii:
    """Numbers and days in ASCII, without Python's ``1_000``: ``int`` and ``strptime`` would also
    read the digits of other scripts, which people take for something else."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and (not value.isascii() or "_" in value):
            messages = self.error_messages  # type: ignore[attr-defined]
            raise ValidationError(messages["invalid"], code="invalid")
        return super().to_python(value)  # type: ignore[misc]


class WholeNumberField(_InAscii, forms.IntegerField):
    """A whole number."""


class ExactField(_InAscii, forms.DecimalField):
    """A number that a program wrote, in a hidden field."""


class DayField(_InAscii, forms.DateField):
    """A day, chosen from the browser's calendar."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(input_formats=["%Y-%m-%d"], **options)
