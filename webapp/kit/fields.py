"""How form fields become HTML: Django's own markup, the common ones without its templates.

A line of filters holds six fields, a select one template an option: drawn by templates they
cost as much as the rows of the list below them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe


def _attributes(attrs: Mapping[str, Any]) -> SafeString:
    return mark_safe(  # noqa: S308  every name and value is escaped here  # nosec B308
        "".join(
            f" {conditional_escape(name)}"
            if value is True
            else f' {conditional_escape(name)}="{conditional_escape(str(value))}"'
            for name, value in attrs.items()
            if value is not False
        )
    )


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = widget["value"]
    return format_html(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        format_html(' value="{}"', str(value)) if value is not None else "",
        _attributes(widget["attrs"]),
    )


def _option(widget: Mapping[str, Any]) -> SafeString:
    return format_html(
        '<option value="{}"{}>{}</option>',
        str(widget["value"]),
        _attributes(widget["attrs"]),
        widget["label"],
    )


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = []
    for name, options, _index in widget["optgroups"]:
        inner = mark_safe("\n".join(_option(option) for option in options))  # noqa: S308  escaped  # nosec B308
        if name:
            inner = format_html('<optgroup label="{}">\n{}\n</optgroup>', name, inner)
        groups.append(inner)
    return format_html(
        '<select name="{}"{}>\n{}\n</select>',
        widget["name"],
        _attributes(widget["attrs"]),
        mark_safe("\n".join(groups)),  # noqa: S308  escaped above  # nosec B308
    )


DRAWN: dict[str, Callable[[Mapping[str, Any]], SafeString]] = {
    **{
        f"django/forms/widgets/{kind}.html": _input
        for kind in ("text", "date", "email", "hidden", "number")
    },
    "django/forms/widgets/select.html": _select,
}


class FieldRenderer(DjangoTemplates):
    """Django's renderer with the common fields drawn by hand."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return draw(context["widget"])
