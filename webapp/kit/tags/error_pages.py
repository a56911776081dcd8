"""Which error page has the words for an error."""

from __future__ import annotations

from django import template

register = template.Library()

_BY_KIND = {
    "form_expired": "403_csrf",
    "suspended": "suspended",
    "firm_suspended": "suspended",
    "offline": "offline",
    "viewing": "viewing",
    "link_expired": "expired",
    "problem": "problem",
    "pdf_being_made": "pdf_being_made",
}
_BY_STATUS = {
    400: "400",
    403: "403",
    404: "404",
    410: "expired",
    429: "429",
    503: "unavailable",
}


@register.filter
def error_template(status: int, kind: str = "") -> str:
    """The template for a status and a kind; ``problem.html`` where only the message knows."""
    name = _BY_KIND.get(kind) or _BY_STATUS.get(status) or "problem"
    return f"webapp/errors/{name}.html"
