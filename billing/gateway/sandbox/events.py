"""What happened, as Stripe's snapshot events; each is delivered once its transaction is committed."""

from __future__ import annotations

import copy

import stripe

from billing.gateway.sandbox import store
from billing.gateway.sandbox.store import Data
from billing.gateway.sandbox.tasks import deliver_after_commit


def emit(account: str, type: str, changed: Data) -> Data:
    """Keeps the event of a change to an object of ``account`` and queues its delivery."""
    event = store.add(
        account,
        "event",
        {
            "account": account,
            "api_version": stripe.api_version,
            "data": {"object": copy.deepcopy(changed)},
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": type,
        },
    )
    deliver_after_commit(event["id"])
    return event
