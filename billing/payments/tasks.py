"""Payments' work behind the pages."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from billing.gateway.models import GatewayEvent
from billing.payments.dispatch import process_event
from billing.payments.integrity_checks import book_errors
from billing.payments.services.reconciling import reconcile_payments
from infra.events.schedules import every, nightly, sweep
from infra.events.task_base import firm_task, platform_task


@platform_task
def process_gateway_event(*, event_id: str) -> None:
    """Handle one stored event."""
    process_event(event_id)


@firm_task
def reconcile() -> None:
    """Ask about the current firm's hanging payments."""
    reconcile_payments()


# A payment nobody asked about for two minutes.
sweep(
    "EXISTS (SELECT 1 FROM {firm}.payment WHERE state IN ('creating', 'open', 'processing') "
    "AND checked_at < now() - interval '2 minutes')",
    reconcile,
)


class BooksDoNotAddUp(Exception):
    """A stored sum is not what it is the sum of; operators find it among the failed tasks."""


@nightly
@firm_task
def verify_books() -> None:
    """Check the current firm's sums. Raises ``BooksDoNotAddUp``, so that somebody looks."""
    errors = book_errors()
    if errors:
        raise BooksDoNotAddUp("; ".join(map(str, errors)))


@every(seconds=20)
@platform_task
def sweep_inbox() -> None:
    """Handle events whose task was lost."""
    late = timezone.now() - timedelta(seconds=15)
    for event_id in GatewayEvent.objects.filter(
        state=GatewayEvent.State.RECEIVED, received_at__lt=late
    ).values_list("pk", flat=True)[:200]:
        process_event(event_id)
