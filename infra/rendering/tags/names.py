"""Names inside sentences: of firms and clients, of countries."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language

from infra.tenancy.locale_formats import country_name, one_stop

register = template.Library()

register.filter("one_stop", one_stop, is_safe=True)


@register.filter
def country(code: str) -> str:
    """A country by name in the reader's language; empty for none."""
    return country_name(code, get_language() or "en") if code else ""
