"""Moving about a long list: pages and sort order in the address, the rest of the query kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.core.paginator import Page
from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def querystring_with(context: Context, param: str, value: Any, **others: Any) -> str:
    """The present query with ``param`` set (or, when ``None``, removed)."""
    request = context.get("request")
    # A plain mapping: copying a QueryDict costs more than all else here.
    query = dict(request.GET.lists()) if request is not None else {}
    for name, new in {**others, param: value}.items():
        if new is None or new == "":
            query.pop(name, None)
        else:
            query[name] = [str(new)]
    return f"?{urlencode(query, doseq=True)}"


@register.filter
def page_window(page: Page[Any]) -> list[int]:
    """Page numbers worth a link, ``0`` where some are left out: 1 0 6 7 8 0 20."""
    last = page.paginator.num_pages
    near = {1, last, page.number - 1, page.number, page.number + 1}
    numbers = sorted(number for number in near if 1 <= number <= last)
    window: list[int] = []
    for number in numbers:
        if window and number - window[-1] > 1:
            window.append(0)
        window.append(number)
    return window
