"""Documents of other rooms by whose numbers an invoice is found (its credit notes …).

Rooms above invoices register where they look; invoices do not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.models import QuerySet

Source = Callable[[str], QuerySet[Any, Any]]
_sources: Final[list[Source]] = []  # filled when the apps are ready, the same for every firm


def register_source(source: Source) -> Source:
    """Find invoices also by ``source``, which gives the ids of invoices that a text leads to.

    Who may see an invoice is decided elsewhere.
    """
    if source not in _sources:
        _sources.append(source)
    return source


def related_matches(text: str) -> Iterator[QuerySet[Any, Any]]:
    """Ids of invoices that a text leads to, one subquery a source."""
    return (source(text) for source in _sources)
