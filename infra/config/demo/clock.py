"""The demo's past: bills of last year were sent and paid last year, not at the first start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.utils import timezone

from infra.common.firm_context import current_firm

_today = timezone.now
# What one step of the demo may count forward.
MARGIN = timedelta(minutes=5)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """That hour of that day at the current firm, never in the future."""
    zone = ZoneInfo(current_firm().timezone)
    return min(datetime.combine(day, time(hour, minute), zone), _today() - MARGIN)


@contextmanager
def standing_at(when: datetime) -> Iterator[None]:
    """Services ask Django what time it is; inside the block it is ``when`` and a little later at
    each question, so that what follows something comes after it. One thread only."""
    before, seconds = timezone.now, count()
    timezone.now = lambda: when + timedelta(seconds=next(seconds))
    try:
        yield
    finally:
        timezone.now = before
