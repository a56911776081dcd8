"""Money and dates in the reader's locale (CLDR through Babel)."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils import timezone

from infra.tenancy.firm_context import active_firm, current_firm

TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")
# A language alone does not say how numbers look; the firm's country does.
USUAL = {"en": "en_GB", "fr": "fr_FR", "nl": "nl_NL", "de": "de_DE"}
KNOWN = {
    "en_US",
    "en_GB",
    "en_IE",
    "fr_FR",
    "fr_BE",
    "fr_LU",
    "nl_NL",
    "nl_BE",
    "de_DE",
    "de_AT",
    "de_BE",
    "de_LU",
}


def one_stop(text: str) -> str:
    """A sentence that ends in a name like "Inc." has one full stop, not two; "…" in dots stays."""
    return TWO_STOPS.sub(".", text)


def in_one_line(address: str) -> str:
    """An address of several lines in one, with commas where the lines broke."""
    return ", ".join(part for line in address.splitlines() if (part := line.strip(" ,")))


def locale_code(language: str) -> str:
    """The full locale of a language at the current firm: ``nl`` in a Belgian firm is ``nl_BE``."""
    language = language.split("-")[0].lower()
    firm = active_firm()
    if firm is not None and f"{language}_{firm.country}" in KNOWN:
        return f"{language}_{firm.country}"
    return USUAL.get(language, "en_GB")


def money_text(amount: Decimal, currency: str, language: str) -> str:
    """``€1,240.50`` as the reader's locale writes it."""
    return str(format_currency(amount, currency, locale=locale_code(language)))


def number_text(value: Decimal, language: str, *, places: int = 2) -> str:
    """A plain number with up to ``places`` decimals."""
    return str(format_decimal(value, format="#,##0." + "#" * places, locale=locale_code(language)))


def percent_text(rate: Decimal, language: str) -> str:
    """A rate given in percent (21 → ``21 %``)."""
    return str(format_percent(rate / 100, format="#,##0.##\u202f%", locale=locale_code(language)))


def date_text(day: date, language: str, *, style: str = "long") -> str:
    """``21 November 2026``; ``style`` is Babel's short, medium, long or full."""
    return str(format_date(day, format=style, locale=locale_code(language)))


def moment_text(moment: datetime, language: str, zone: str) -> str:
    """Date and time in a person's zone."""
    return str(
        format_datetime(
            moment.astimezone(ZoneInfo(zone)), format="long", locale=locale_code(language)
        )
    )


def country_name(code: str, language: str) -> str:
    """A country's name in the reader's language; the code itself if unknown."""
    return str(Locale.parse(locale_code(language)).territories.get(code, code))


# Territories of CLDR that are no countries: unions, parts with a reserved code, codes for tests.
_NO_COUNTRY = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)


@cache
def countries() -> frozenset[str]:
    """The ISO 3166-1 alpha-2 codes that CLDR knows."""
    codes = (code for code in map(str, Locale.parse("en").territories) if len(code) == 2)
    return frozenset(codes) - _NO_COUNTRY


def today_of_firm() -> date:
    """The calendar day at the current firm."""
    return timezone.now().astimezone(ZoneInfo(current_firm().timezone)).date()
