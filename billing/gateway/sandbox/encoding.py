"""The form encoding of Stripe's first API: ``a[b][0][c]=d`` to nested values, all still texts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

_KEYS = re.compile(r"\[([^\[\]]*)\]")


def decoded(text: str) -> dict[str, Any]:
    """A query string or form body as nested dictionaries and lists."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head = name.partition("[")[0]
        place, key = root, head
        for inner in _KEYS.findall(name[len(head) :]):
            place = place.setdefault(key, {})
            key = inner
        place[key] = value
    return {key: _with_lists(value) for key, value in root.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_with_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _with_lists(inner) for key, inner in value.items()}
