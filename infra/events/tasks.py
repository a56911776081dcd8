"""The relay as tasks of a firm."""

from __future__ import annotations

from uuid import UUID

from infra.events.relay import deliver_due, revive
from infra.events.schedules import sweep
from infra.events.task_base import firm_task


@firm_task
def deliver_events() -> None:
    """Carry out the current firm's due deliveries."""
    deliver_due()


@firm_task
def retry_delivery(*, delivery_id: str) -> None:
    """Try a dead delivery again: an operator asked for it."""
    revive(delivery_id=UUID(delivery_id))
    deliver_due()


sweep(
    "EXISTS (SELECT 1 FROM {firm}.event_delivery "
    "WHERE delivered_at IS NULL AND dead_at IS NULL AND due_at <= now())",
    deliver_events,
)
