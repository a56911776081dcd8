"""Carry out deliveries one by one, at least once each.

A delivery is claimed for a while in a short transaction, carried out without any (the subscriber
sends mails or calls other servers), then marked. Subscribers are idempotent.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from infra.events.event import from_payload
from infra.events.models import Delivery, StoredEvent
from infra.events.subscriptions import subscriptions_of
from infra.events.task_base import keep_failure
from infra.tenancy.firm_context import current_firm

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=5)
# A run begins no delivery after that, so that its task ends well before its time limits.
RUN_SECONDS = 120
PAUSES = [10, 60, 300, 1800, 7200, 21600, 43200]  # seconds between tries; then it is dead
RETRY_TASK = "infra.events.tasks.retry_delivery"  # by name: that module imports this one


class WorkerLost(Exception):
    """Every try ended together with its worker: no error was ever written down."""


class SubscriberGone(Exception):
    """No function of this release has the subscriber's key."""


def deliver_due(*, limit: int = 200) -> int:
    """Carry out what is due in the current firm; returns how many deliveries succeeded.

    The sweep goes on with what is left after ``limit`` deliveries or ``RUN_SECONDS``.
    """
    done = 0
    last_begin = monotonic() + RUN_SECONDS
    for _turn in range(limit):
        if monotonic() > last_begin:
            break
        delivery = _claim_next()
        if delivery is None:
            break
        try:
            _deliver(delivery)
        except Exception as error:
            logger.warning(
                "event delivery failed", extra={"task": delivery.subscriber}, exc_info=True
            )
            _mark_failed(delivery, error)
            continue
        Delivery.objects.filter(pk=delivery.pk).update(
            delivered_at=timezone.now(), dead_at=None, error=""
        )
        done += 1
    return done


def revive(*, delivery_id: UUID) -> None:
    """Let a dead delivery be tried again, from the first pause on; others stay as they are."""
    Delivery.objects.dead().filter(pk=delivery_id).update(
        dead_at=None, attempts=0, due_at=timezone.now()
    )


def clear_delivered(*, before: datetime) -> None:
    """Delete deliveries that succeeded before a moment, and events that have none left.

    What is pending or dead stays, with its event.
    """
    with transaction.atomic():
        Delivery.objects.filter(delivered_at__lt=before).delete()
        StoredEvent.objects.filter(created_at__lt=before, deliveries__isnull=True).delete()


def _claim_next() -> Delivery | None:
    now = timezone.now()
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .pending()
            .filter(due_at__lte=now)
            .order_by("due_at", "id")
            .first()
        )
        if delivery is None:
            return None
        delivery.attempts += 1
        delivery.due_at = now + CLAIM
        delivery.save(update_fields=["attempts", "due_at"])
        return delivery


def _deliver(delivery: Delivery) -> None:
    if delivery.attempts > len(PAUSES) + 1:
        raise WorkerLost(f"{delivery.attempts - 1} tries were begun and not ended")
    subscription = subscriptions_of(delivery.event.name).get(delivery.subscriber)
    if subscription is None:
        raise SubscriberGone(
            f"{delivery.subscriber} does not subscribe to {delivery.event.name} any more"
        )
    event = from_payload(subscription.event, delivery.event.payload)
    subscription.handler(event, delivery.pk)


def _mark_failed(delivery: Delivery, error: Exception) -> None:
    is_dead = isinstance(error, SubscriberGone) or delivery.attempts > len(PAUSES)
    now = timezone.now()
    with transaction.atomic():
        # Whoever took the delivery over after this claim had ended decides about it.
        mine = Delivery.objects.pending().filter(pk=delivery.pk, attempts=delivery.attempts)
        reason = f"{type(error).__name__}: {error}"[:2000]
        if not is_dead:
            pause = timedelta(seconds=PAUSES[delivery.attempts - 1])
            mine.update(error=reason, due_at=now + pause)
        elif mine.update(error=reason, dead_at=now):
            _tell_operator(delivery, error)


def _tell_operator(delivery: Delivery, error: Exception) -> None:
    """A dead delivery stands among the failed tasks; sending it again revives it.

    What a mail server answers may name a person: that stays in the firm.
    """
    said = str(error) if isinstance(error, SubscriberGone) else type(error).__name__
    keep_failure(
        task=RETRY_TASK,
        kwargs={"delivery_id": str(delivery.pk)},
        error=f"{delivery.event.name} → {delivery.subscriber}: {said}",
        firm_id=current_firm().id,
    )
