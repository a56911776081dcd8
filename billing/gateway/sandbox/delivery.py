"""Events on their way to our own webhook, signed as Stripe signs them."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import requests
import stripe
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.gateway.sandbox.models import SandboxObject
from infra.common.errors import NotFound, Unavailable
from infra.tenancy.firm_context import in_public

logger = logging.getLogger(__name__)


class EventUnknown(NotFound):
    """There is no such event in the sandbox."""


class EventNotDelivered(Unavailable):
    """The webhook did not answer with 2xx; sending again later is right."""

    message = _("The webhook did not accept the event.")


def signed(event_id: str) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of an event's delivery; raises ``EventUnknown``."""
    with in_public():
        event = SandboxObject.objects.filter(kind="event", object_id=event_id).first()
    if event is None:
        raise EventUnknown
    body = json.dumps(event.data, separators=(",", ":"))
    signature = stripe.WebhookSignature.generate_signature_header(
        body, settings.SANDBOX_WEBHOOK_SECRET
    )
    return body.encode(), {
        "Host": settings.SANDBOX_WEBHOOK_HOST,
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature,
    }


def mark_delivered(event_id: str) -> None:
    """The webhook took the event."""
    with in_public(), transaction.atomic():
        event = SandboxObject.objects.select_for_update().get(kind="event", object_id=event_id)
        event.data["pending_webhooks"] = 0
        event.save(update_fields=["data"])


def send_event(event_id: str) -> None:
    """Posts an event to ``settings.SANDBOX_WEBHOOK_URL``, signed now.

    Sending one again is harmless and allowed. Raises ``EventUnknown``, or
    ``EventNotDelivered`` for a retry by the caller. Not to be called in a transaction.
    """
    body, headers = signed(event_id)
    try:
        answer = requests.post(
            settings.SANDBOX_WEBHOOK_URL,
            data=body,
            headers=headers,
            timeout=10,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise EventNotDelivered from error
    if not 200 <= answer.status_code < 300:
        logger.warning("sandbox event %s was answered %s", event_id, answer.status_code)
        raise EventNotDelivered
    mark_delivered(event_id)


def undelivered_events(
    *, older_than: timedelta = timedelta(seconds=30), limit: int = 100
) -> list[str]:
    """Ids of events that no webhook took yet, oldest first, for a sweep after a lost task."""
    with in_public():
        return list(
            SandboxObject.objects.filter(
                kind="event", data__pending_webhooks=1, created_at__lt=timezone.now() - older_than
            )
            .order_by("created_at")
            .values_list("object_id", flat=True)[:limit]
        )
