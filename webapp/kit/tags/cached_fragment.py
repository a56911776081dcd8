"""Parts of a page that are the same for everybody, drawn once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

from django import template
from django.conf import settings
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.urls import get_urlconf
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

# Some three hold the firm's look, for each surface and language of each firm; half a kilobyte each.
MOST = 10_000

# tenant-safe: the key holds every value that the part is drawn from (the firm's look among
# them), and the tests draw each part again and compare (KEPT_PARTS_ARE_COMPARED).
_parts: OrderedDict[Hashable, SafeString] = OrderedDict()
_lock = Lock()


class PartDiffers(AssertionError):
    """A kept part depends on more than the values it was kept by."""


class KeptNode(template.Node):
    """Draws its nodes, or gives what they made of the same values before."""

    def __init__(self, nodelist: NodeList, values: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.values = values

    def render(self, context: Context) -> SafeString:
        found = [_plain(value.resolve(context, ignore_failures=True)) for value in self.values]
        if None in found:
            return self.nodelist.render(context)
        key = (self, get_language(), context.get("locale_code"), get_urlconf(), *found)
        with _lock:
            part = _parts.get(key)
            if part is not None:
                _parts.move_to_end(key)
        if part is None:
            part = self.nodelist.render(context)
            with _lock:
                _parts[key] = part
                if len(_parts) > MOST:
                    _parts.popitem(last=False)
        elif settings.KEPT_PARTS_ARE_COMPARED and part != self.nodelist.render(context):
            raise PartDiffers(f"{self.origin.name}: {self.token.lineno if self.token else 0}")
        return part


def _plain(value: Any) -> Any:
    if isinstance(value, SimpleLazyObject):
        bool(value)  # makes it look
        return value._wrapped
    return tuple(value) if isinstance(value, list) else value


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """``{% kept brand nav %}…{% endkept %}``: drawn once for these values and the language.

    The part may use nothing else: no name, no token, no text that somebody typed. Values are
    compared by what they hold, so they must be frozen; while one is None the part is drawn anew.
    """
    values = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, values)
