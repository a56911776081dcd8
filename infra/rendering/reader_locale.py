"""The full locale (nl_BE, never just nl) in which the reader of a page sees money and dates."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language

from infra.tenancy.locale_formats import locale_code


@lru_cache(maxsize=64)
def _parsed(code: str) -> Locale:
    return Locale.parse(code)


def current_locale() -> Locale:
    """The active language as it is written in the firm's country."""
    return _parsed(locale_code(get_language() or "en"))


def locale_of(context: object) -> Locale:
    """The locale of a template: its ``locale_code``, else the reader's."""
    find = getattr(context, "get", None)
    code = find("locale_code") if find else None
    return _parsed(str(code)) if code else current_locale()
