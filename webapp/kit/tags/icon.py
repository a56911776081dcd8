"""Lucide icons as inline SVG, drawn once per name and size."""

from __future__ import annotations

import re
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

register = template.Library()

# A chevron or arrow along the line turns with the reading direction; one that points down does not.
_TURNING = (
    "arrow-left",
    "arrow-right",
    "chevron-left",
    "chevron-right",
    "log-out",
    "send",
)


# The package writes on each drawing how it is drawn; the class says it once (foundation.css).
_SAID_BY_CLASS = re.compile(r' (?:fill="none"|stroke(?:-[a-z]+)?="(?:currentColor|2|round)")')


@lru_cache(maxsize=512)
def _drawn(name: str, size: int, extra: str) -> SafeString:
    classes = " ".join(filter(None, ("icon", "turns" if name in _TURNING else "", extra)))
    svg = lucide(name, size=size, aria_hidden="true", **{"class": classes})
    frame, end, drawing = svg.partition(">")
    svg = _SAID_BY_CLASS.sub("", frame) + end + drawing
    # Safe: the drawing comes from the package, the name and classes from our own templates.
    return mark_safe(" ".join(svg.split()).replace("> <", "><"))  # noqa: S308  escaped above or from the package  # nosec B308


@register.simple_tag
def icon(name: str, size: int = 20, extra: str = "") -> SafeString:
    """An icon that stands beside a word: hidden from screen readers, in the colour of the text."""
    return _drawn(str(name), int(size), str(extra))
