"""Stripe's snapshot events as ours: what happened to which payment of which account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from billing.gateway.interface import EventKind, IncomingEvent

# The first beginning that fits decides; the narrower ones stand first.
_KINDS: Final = (
    ("checkout.session.", EventKind.PAYMENT_CHANGED),
    ("payment_intent.", EventKind.PAYMENT_CHANGED),
    ("charge.dispute.", EventKind.DISPUTE_CHANGED),
    ("charge.refund", EventKind.REFUND_CHANGED),
    ("charge.", EventKind.PAYMENT_CHANGED),
    ("refund.", EventKind.REFUND_CHANGED),
    ("account.updated", EventKind.ACCOUNT_CHANGED),
    ("capability.updated", EventKind.ACCOUNT_CHANGED),
)


def incoming_event(event: Mapping[str, Any]) -> IncomingEvent:
    """A verified event in our words. Raises ``KeyError``, ``TypeError``, ``ValueError`` or
    ``AttributeError`` for what is no event."""
    subject: Mapping[str, Any] = event["data"]["object"]
    object_id = str(subject.get("id") or "")
    return IncomingEvent(
        kind=_kind_of(event["type"]),
        event_id=event["id"],
        account=event.get("account") or "",
        type=event["type"],
        object_id=object_id,
        session_id=object_id if subject.get("object") == "checkout.session" else "",
        payment_id=payment_id_of(subject),
        livemode=bool(event["livemode"]),
        created=datetime.fromtimestamp(event["created"], UTC),
        raw=event,
    )


def _kind_of(type: str) -> EventKind:
    return next((kind for start, kind in _KINDS if type.startswith(start)), EventKind.OTHER)


def payment_id_of(subject: Mapping[str, Any]) -> UUID | None:
    """Our id of the payment that an object belongs to, where it carries a valid one."""
    for named in (
        (subject.get("metadata") or {}).get("payment_id"),
        subject.get("client_reference_id"),
    ):
        try:
            return UUID(str(named))
        except ValueError:  # absent, or written by somebody else who has access to the account
            continue
    return None
