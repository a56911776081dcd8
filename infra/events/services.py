"""Emit an event in the transaction of the change that it tells of."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from infra.events.event import Event, to_payload
from infra.events.models import Delivery, StoredEvent
from infra.events.subscriptions import subscriptions_of, transaction_subscribers_of
from infra.events.task_base import enqueue_best_effort
from infra.events.tasks import deliver_events
from infra.tenancy.firm_context import current_firm


def emit(event: Event) -> None:
    """Call the event's in-transaction subscribers, and store a delivery for each other one.

    After commit the relay is enqueued; the sweep finds what a lost message leaves behind. An event
    that nobody subscribes to is not stored. Raises ``TransactionManagementError`` outside of a
    transaction, ``NoFirm`` outside of a firm.
    """
    current_firm()
    if not connection.in_atomic_block:
        raise TransactionManagementError(f"{event.name} was emitted outside of a transaction")
    payload = to_payload(event)
    for handler in transaction_subscribers_of(event.name):
        handler(event)
    subscribers = subscriptions_of(event.name)
    if not subscribers:
        return
    stored = StoredEvent.objects.create(name=event.name, payload=payload)
    Delivery.objects.bulk_create(Delivery(event=stored, subscriber=key) for key in subscribers)
    transaction.on_commit(lambda: enqueue_best_effort(deliver_events), robust=True)
