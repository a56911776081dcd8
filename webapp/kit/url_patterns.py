"""Addresses of many things of one kind, looked up once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from uuid import UUID, uuid4

from django.urls import get_urlconf, reverse

STAND_IN = uuid4()


# tenant-safe: the text of an address of a surface, nothing of a firm.
@lru_cache(maxsize=64)
def _around(name: str, urlconf: str | None) -> tuple[str, str]:
    before, _id, after = reverse(name, urlconf=urlconf, args=[STAND_IN]).partition(str(STAND_IN))
    return before, after


def addresses_of(name: str) -> Callable[[UUID], str]:
    """``to = addresses_of("invoice")``, then ``to(row.id)``: ``reverse`` for each row of a list."""
    before, after = _around(name, get_urlconf())
    return lambda pk: f"{before}{pk}{after}"
