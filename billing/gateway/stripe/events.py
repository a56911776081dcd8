"""Stripe's snapshot events as ours: what happened to which payment of which account."""

from __future__ import annotations

import math
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


# Of an id or a type; Stripe's are below 70 characters.
_LONGEST: Final = 100
# Stripe's objects are nested about ten deep.
_DEEPEST: Final = 50


def incoming_event(event: Mapping[str, Any]) -> IncomingEvent:
    """A verified event in our words. Raises ``KeyError``, ``TypeError``, ``ValueError``,
    ``AttributeError`` or ``OverflowError`` for what is no event."""
    _require_storable(event)
    subject: Mapping[str, Any] = event["data"]["object"]
    object_id = _word(subject.get("id") or "")
    if not isinstance(event["livemode"], bool) or isinstance(event["created"], bool):
        raise ValueError("livemode or created is of another type")
    return IncomingEvent(
        kind=_kind_of(_word(event["type"])),
        event_id=_word(event["id"], may_be_empty=False),
        account=_word(event.get("account") or ""),
        type=event["type"],
        object_id=object_id,
        session_id=object_id if subject.get("object") == "checkout.session" else "",
        payment_id=payment_id_of(subject),
        livemode=event["livemode"],
        created=datetime.fromtimestamp(event["created"], UTC),
        raw=event,
    )


def _word(value: Any, *, may_be_empty: bool = True) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST or not (value or may_be_empty):
        raise ValueError("an id or a type is not a short text")
    return value


def _require_storable(value: Any, depth: int = 0) -> None:
    """Raise ``ValueError`` for what PostgreSQL keeps in no ``jsonb``: NUL, lone surrogates,
    infinite numbers; and for what is nested too deep to be an event."""
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError("a text holds NUL")
        value.encode()  # UnicodeEncodeError, a ValueError, for lone surrogates
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number is too large")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _require_storable(name, depth)
            _require_storable(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _require_storable(inner, depth + 1)


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
