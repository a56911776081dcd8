"""The mark of a status in a list: one of a few words, drawn once per language."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


# tenant-safe: a word of our own in a language, nothing of a firm.
@lru_cache(maxsize=256)
def _drawn(name: str, word: str, _language: str) -> SafeString:
    return render_to_string(f"webapp/portal/{name}.html", {"status": word, "state": word})


@register.simple_tag
def status_mark(status: str) -> SafeString:
    """The word and colour of an invoice's status, as the client reads it."""
    return _drawn("_status", str(status), get_language() or "en")


@register.simple_tag
def payment_mark(state: str) -> SafeString:
    """The word and colour of a payment's state, as the client reads it."""
    return _drawn("_payment_status", str(state), get_language() or "en")
