"""Put facts into the outbox, and carry them out one by one.

Delivery is at least once: a message is claimed for a while, carried out without a
transaction around the network, then marked. Handlers are idempotent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from infra.events.models import OutboxMessage
from infra.tenancy.firm_context import current_firm

logger = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any], UUID], None]
CLAIM = timedelta(minutes=5)
PAUSES = [10, 60, 300, 1800, 7200, 21600, 43200]  # seconds between tries; then it gives up
_handlers: dict[str, Handler] = {}  # filled at import, the same for every firm


def handles(topic: str) -> Callable[[Handler], Handler]:
    """Register the one function that carries out ``topic``."""

    def register(handler: Handler) -> Handler:
        if topic in _handlers and _handlers[topic] is not handler:
            raise ValueError(f"two handlers for {topic}")
        _handlers[topic] = handler
        return handler

    return register


def put_message(*, topic: str, payload: Mapping[str, Any]) -> OutboxMessage:
    """Write a fact in the caller's transaction; after commit the relay is nudged."""
    from infra.events.relay_tasks import relay_outbox

    current_firm()
    message = OutboxMessage.objects.create(topic=topic, payload=dict(payload))
    transaction.on_commit(lambda: nudge(relay_outbox), robust=True)
    return message


def nudge(task: Any, **kwargs: Any) -> None:
    """Send a task now if the broker answers; a sweeper finds the work if it does not."""
    try:
        task.delay(**kwargs)
    except Exception:
        logger.warning("broker does not answer; the sweeper will find the work", exc_info=True)


def _claim_next() -> OutboxMessage | None:
    now = timezone.now()
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, gave_up_at__isnull=True, due_at__lte=now)
            .order_by("due_at", "id")
            .first()
        )
        if message is None:
            return None
        message.attempts += 1
        message.due_at = now + CLAIM
        message.save(update_fields=["attempts", "due_at"])
        return message


def _mark_failed(message: OutboxMessage, error: Exception) -> None:
    now = timezone.now()
    message.error = f"{type(error).__name__}: {error}"[:2000]
    if message.attempts > len(PAUSES):
        message.gave_up_at = now
    else:
        message.due_at = now + timedelta(seconds=PAUSES[message.attempts - 1])
    message.save(update_fields=["error", "gave_up_at", "due_at"])


def relay(*, limit: int = 200) -> int:
    """Carry out what is due in the current firm; returns how many succeeded."""
    done = 0
    for _turn in range(limit):
        message = _claim_next()
        if message is None:
            break
        try:
            _handlers[message.topic](message.payload, message.id)
        except Exception as error:
            logger.warning("outbox message failed", extra={"task": message.topic}, exc_info=True)
            _mark_failed(message, error)
            continue
        message.done_at = timezone.now()
        message.save(update_fields=["done_at"])
        done += 1
    return done


def retry_message(*, message: OutboxMessage) -> None:
    """Let a message that gave up (or waits) be tried again at once."""
    message.gave_up_at = None
    message.attempts = 0
    message.due_at = timezone.now()
    message.save(update_fields=["gave_up_at", "attempts", "due_at"])
