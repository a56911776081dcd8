"""Counters are cleared by schedule."""

from __future__ import annotations

from infra.events.schedules import daily
from infra.events.task_base import platform_task
from infra.throttling.services import clear_counters


@daily(hour=3, minute=7)
@platform_task
def clear_ended_counters() -> None:
    """Delete the counters whose window has ended."""
    clear_counters()
