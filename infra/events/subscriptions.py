"""Who is told of which event. Rooms register when Django starts (``ready`` of their app).

A subscriber's key is its package and function name (``billing.invoices.mail_invoice``). It is
stored with each delivery, so renaming the function makes its pending deliveries dead letters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from infra.events.event import Event, fields_of

E = TypeVar("E", bound=Event)
Subscriber = Callable[[E, UUID], None]
TransactionSubscriber = Callable[[E], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscriber of one event. ``handler`` takes the event and the delivery's id."""

    event: type[Any]
    key: str
    handler: Callable[[Any, UUID], None]


# Filled when Django starts, the same for every firm; by the event's name.
_types: dict[str, type[Event]] = {}
_subscriptions: dict[str, dict[str, Subscription]] = {}
_in_transaction: dict[str, dict[str, Callable[[Any], None]]] = {}


def on(event: type[E]) -> Callable[[Subscriber[E]], Subscriber[E]]:
    """Register a function that is told after commit, at least once, outside of any transaction.

    It gets the event and the delivery's id, which is the same at every try: the base of Message-IDs.
    """
    _declare(event)

    def register(handler: Subscriber[E]) -> Subscriber[E]:
        key = _key(handler)
        _require_new(event, key, _subscriptions)
        _subscriptions.setdefault(event.name, {})[key] = Subscription(event, key, handler)
        return handler

    return register


def in_transaction(
    event: type[E],
) -> Callable[[TransactionSubscriber[E]], TransactionSubscriber[E]]:
    """Register a function that ``emit`` calls at once, in the emitter's transaction.

    For rules that must hold together with the change; its error undoes the change.
    """
    _declare(event)

    def register(handler: TransactionSubscriber[E]) -> TransactionSubscriber[E]:
        key = _key(handler)
        _require_new(event, key, _in_transaction)
        _in_transaction.setdefault(event.name, {})[key] = handler
        return handler

    return register


def subscriptions_of(name: str) -> dict[str, Subscription]:
    """Who is told after commit, by key."""
    return _subscriptions.get(name, {})


def transaction_subscribers_of(name: str) -> list[Callable[[Any], None]]:
    """Who is called inside ``emit``, in the order of registration."""
    return list(_in_transaction.get(name, {}).values())


def _declare(event: type[Event]) -> None:
    fields_of(event)
    if _types.setdefault(event.name, event) is not event:
        raise ValueError(f"two events are named {event.name}")


def _key(handler: Callable[..., None]) -> str:
    return f"{handler.__module__.rpartition('.')[0]}.{handler.__name__}"


def _require_new(event: type[Event], key: str, known: dict[str, dict[str, Any]]) -> None:
    if key in known.get(event.name, {}):
        raise ValueError(f"{event.name} has a subscriber {key} already")
