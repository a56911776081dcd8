"""Attributes that a page hands to a component, written out safely."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_ESCAPES = {ord('"'): "&quot;", ord("<"): "&lt;", ord(">"): "&gt;"}


@register.filter
def attributes(attrs: Any) -> SafeString:
    """``{{ attrs|attributes }}`` instead of ``{{ attrs }}``.

    Cotton prints dynamic values (``:title="case.title"``) unescaped, so a quote in a name would
    end the attribute. Here every value is escaped, and ``False`` and ``None`` leave the attribute
    out, so that ``:disabled="locked"`` means what it says.
    """
    parts = []
    for name, value in attrs.attrs_dict().items():
        if value is True:
            parts.append(f" {name}")
        elif value is not False and value is not None:
            parts.append(f' {name}="{str(value).translate(_ESCAPES)}"')
    return mark_safe("".join(parts))  # noqa: S308  escaped above or from the package  # nosec B308


@register.filter
def kind_of(field: Any) -> str:
    """What a bound field is drawn as: text, area, select, check, choices, file, date, hidden."""
    widget = type(field.field.widget).__name__
    return {
        "Textarea": "area",
        "Select": "select",
        "NullBooleanSelect": "select",
        "SelectMultiple": "text",
        "CheckboxInput": "check",
        "RadioSelect": "choices",
        "CheckboxSelectMultiple": "choices",
        "FileInput": "file",
        "ClearableFileInput": "file",
        "HiddenInput": "hidden",
        "MultipleHiddenInput": "hidden",
    }.get(widget, "text")


@register.filter
def anchor(field: Any) -> str:
    """The id that a link of the error summary leads to: the first choice of a group of choices."""
    return f"{field.auto_id}_0" if kind_of(field) == "choices" else str(field.auto_id)
