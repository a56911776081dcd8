"""The demo's past: bills of last year were sent and paid last year, not at the first start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from infra.common.firm_context import current_firm

_today = timezone.now


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """That hour of that day at the current firm, never later than now."""
    zone = ZoneInfo(current_firm().timezone)
    return min(datetime.combine(day, time(hour, minute), zone), _today())


@contextmanager
def standing_at(when: datetime) -> Iterator[None]:
    """Services ask Django what time it is; inside the block it is ``when``. One thread only."""
    before = timezone.now
    timezone.now = lambda: when
    try:
        yield
    finally:
        timezone.now = before
