"""The demo's past: bills of last year were sent and paid last year, not at the first start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.apps import apps
from django.utils import timezone

from infra.tenancy.firm_context import current_firm

_today = timezone.now
# What one step of the demo may count forward.
MARGIN = timedelta(minutes=5)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """That hour of that day at the current firm, never in the future."""
    zone = ZoneInfo(current_firm().timezone)
    return min(datetime.combine(day, time(hour, minute), zone), _today() - MARGIN)


@contextmanager
def standing_at(when: datetime) -> Iterator[None]:
    """Services ask Django what time it is, and so do the defaults of their rows; inside the block it
    is ``when`` and a little later at each question, so that what follows something comes after it.
    One thread only."""
    before, seconds = timezone.now, count()
    timezone.now = lambda: when + timedelta(seconds=next(seconds))
    _let_defaults_ask(before, timezone.now)
    try:
        yield
    finally:
        _let_defaults_ask(timezone.now, before)
        timezone.now = before


def _let_defaults_ask(old: Callable[[], datetime], new: Callable[[], datetime]) -> None:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.default is old:
                field.default = new
                # Django keeps what it made of the default.
                field.__dict__.pop("_get_default", None)
