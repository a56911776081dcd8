"""Amounts as the reader writes them: currency once, cents a little lighter, figures aligned."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_decimal_symbol,
)
from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infra.rendering.reader_locale import current_locale, locale_of

register = template.Library()


# tenant-safe: a number in a locale, nothing of a firm. Amounts come again and again: a
# balance equals its total, fees are round. Room for the lists of some hundred firms.
@lru_cache(maxsize=16_384)
def amount_in_words(amount: Decimal, currency: str, locale: Locale) -> str:
    """Plain text such as ``€1,240.50`` with a true minus sign; for attributes and sentences."""
    return format_currency(amount, currency, locale=locale).replace("-", "\N{MINUS SIGN}")


@lru_cache(maxsize=16_384)
def _marked_up(text: str, locale: Locale) -> SafeString:
    whole, symbol, rest = text.rpartition(get_decimal_symbol(locale))
    digits = len(rest) - len(rest.lstrip("0123456789"))
    if not symbol or not digits:
        return format_html('<span class="money">{}</span>', text)
    return format_html(
        '<span class="money">{}<span class="money-minor">{}{}</span>{}</span>',
        whole,
        symbol,
        rest[:digits],
        rest[digits:],
    )


def amount_marked_up(amount: Decimal, currency: str, locale: Locale) -> SafeString:
    """What ``{% money %}`` writes, for rows that are worked out before the template."""
    return _marked_up(amount_in_words(amount, currency, locale), locale)


@register.simple_tag(takes_context=True)
def money(context: Context, amount: Any, currency: str = "") -> SafeString:
    """``{% money invoice.open "EUR" %}`` or ``{% money some_money %}``; nothing for ``None``."""
    if amount is None or amount == "":
        return SafeString("")
    if hasattr(amount, "currency"):
        amount, currency = amount.amount, amount.currency
    locale = locale_of(context)
    return amount_marked_up(Decimal(str(amount)), currency, locale)


@register.simple_tag(takes_context=True)
def money_text(context: Context, amount: Any, currency: str = "") -> str:
    """The same without markup, for buttons, titles and ``{% blocktranslate %}``."""
    if hasattr(amount, "currency"):
        amount, currency = amount.amount, amount.currency
    return amount_in_words(Decimal(str(amount)), currency, locale_of(context))


@register.filter
def number(value: Any, places: int | None = None) -> str:
    """A plain number in the reader's locale: ``{{ hours|number:2 }}``."""
    if value is None or value == "":
        return ""
    pattern = None if places is None else "#,##0." + "0" * int(places)
    if places == 0:
        pattern = "#,##0"
    return format_decimal(Decimal(str(value)), format=pattern, locale=current_locale())


@register.filter
def percent(value: Any) -> str:
    """A share as the reader writes it: ``{{ rate|percent }}`` of ``Decimal("21")`` is ``21 %`` in French."""
    if value is None or value == "":
        return ""
    return format_percent(
        Decimal(str(value)) / 100, locale=current_locale(), decimal_quantization=False
    )


@register.filter
def unlocalize_number(value: Any) -> str:
    """A number for a machine (``<progress value>``): always a point, never a thousands mark."""
    return format(Decimal(str(value or 0)), "f")
