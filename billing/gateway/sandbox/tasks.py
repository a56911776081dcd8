"""The sandbox's events on their way, as a provider would send them: at once, and again if lost.

Known to the worker where the registry is: ``provider`` imports this module.
"""

from __future__ import annotations

from django.db import transaction

from billing.gateway.sandbox.delivery import EventNotDelivered, send_event, undelivered_events
from billing.gateway.sandbox.deployment import is_sandbox
from infra.events.schedules import every
from infra.events.task_base import enqueue_best_effort, platform_task


@platform_task(again_after=(EventNotDelivered,))
def deliver_sandbox_event(*, event_id: str) -> None:
    """Post one event to our webhook."""
    send_event(event_id)


def queue_event(event_id: str) -> None:
    """Have an event posted by the worker."""
    enqueue_best_effort(deliver_sandbox_event, event_id=event_id)


def deliver_after_commit(event_id: str) -> None:
    """Queue an event once the present transaction is committed.

    What goes wrong is logged, not passed on: ``sweep_sandbox_events`` finds what is left.
    """
    transaction.on_commit(lambda: queue_event(event_id), robust=True)


@every(seconds=20)
@platform_task
def sweep_sandbox_events() -> None:
    """Send again what no webhook took yet."""
    if is_sandbox():
        for event_id in undelivered_events():
            deliver_sandbox_event.delay(event_id=event_id)
