"""The relay as tasks of a firm."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from infra.events.relay import clear_delivered, deliver_due, revive
from infra.events.schedules import nightly, sweep
from infra.events.task_base import MAIL, firm_task


@firm_task(queue=MAIL)
def deliver_events() -> None:
    """Carry out the current firm's due deliveries."""
    deliver_due()


@firm_task(queue=MAIL)
def retry_delivery(*, delivery_id: str) -> None:
    """Try a dead delivery again: an operator asked for it."""
    revive(delivery_id=UUID(delivery_id))
    deliver_due()


@nightly
@firm_task
def clear_events() -> None:
    """Delete the current firm's events that were delivered long ago; dead letters stay."""
    clear_delivered(before=timezone.now() - timedelta(days=settings.KEEP_DELIVERED_EVENTS_DAYS))


sweep(
    "EXISTS (SELECT 1 FROM {firm}.event_delivery "
    "WHERE delivered_at IS NULL AND dead_at IS NULL AND due_at <= now())",
    deliver_events,
)
