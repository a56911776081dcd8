"""What an event is: a frozen dataclass with a stable name and fields that JSON can carry."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
E = TypeVar("E", bound="Event")

_Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def _same(value: Any) -> Any:
    return value


# Field type → how its values are written to JSON and read back.
CODECS: dict[type, _Codec] = {
    UUID: (str, UUID),
    str: (str, _same),
    int: (_same, _same),
    bool: (_same, _same),
    Decimal: (str, Decimal),
    date: (date.isoformat, date.fromisoformat),
    datetime: (datetime.isoformat, datetime.fromisoformat),
}


class Event:
    """Base of all events: frozen, slotted dataclasses with a ``name`` like ``"invoice.sent"``.

    The name is stored, so it stays when the class is renamed or moved. Fields are ids and plain
    values (``CODECS``, or a union of one of them with ``None``); a field that is added later needs
    a default, for the events that were stored before.
    """

    __slots__ = ()
    name: ClassVar[str]


@dataclass(frozen=True, slots=True)
class EventField:
    """A field of an event: its type, and whether it may be ``None``."""

    name: str
    type: type
    is_optional: bool

    def to_json(self, value: Any) -> Any:
        """Raises ``TypeError`` for a value of another type, and for a moment without a zone."""
        if value is None and self.is_optional:
            return None
        # A moment is no date and a truth value no number, although Python says so.
        fits = isinstance(value, str) if self.type is str else type(value) is self.type
        if not fits:
            raise TypeError(f"{self.name} must be {self.type.__name__}, not {type(value).__name__}")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise TypeError(f"{self.name} must have a time zone")
        return CODECS[self.type][0](value)

    def from_json(self, value: Any) -> Any:
        if value is None and self.is_optional:
            return None
        return CODECS[self.type][1](value)


def fields_of(event: type[Event]) -> tuple[EventField, ...]:
    """The fields of an event type. Raises ``TypeError`` if it is not declared as ``Event`` says."""
    return _fields_of(cast(Any, event))


@cache
def _fields_of(event: Any) -> tuple[EventField, ...]:
    parameters = getattr(event, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen or "__slots__" not in event.__dict__:
        raise TypeError(f"{event.__qualname__} must be a frozen dataclass with slots")
    if not NAME.fullmatch(getattr(event, "name", "")):
        raise TypeError(f"{event.__qualname__} needs a name like 'invoice.sent'")
    hints = get_type_hints(event)
    return tuple(_field(event, field.name, hints[field.name]) for field in fields(event))


def _field(event: type[Event], name: str, hint: Any) -> EventField:
    is_union = get_origin(hint) in (Union, types.UnionType)
    kinds = set(get_args(hint)) if is_union else {hint}
    optional = type(None) in kinds
    kinds.discard(type(None))
    kind = kinds.pop()
    if kinds or kind not in CODECS:
        raise TypeError(f"{event.__qualname__}.{name} has a type that events do not carry: {hint}")
    return EventField(name, kind, optional)


def to_payload(event: Event) -> dict[str, Any]:
    """The event as JSON values. Raises ``TypeError`` where a value is not of its declared type."""
    return {
        field.name: field.to_json(getattr(event, field.name)) for field in fields_of(type(event))
    }


def from_payload(event: type[E], payload: Mapping[str, Any]) -> E:
    """The event again. Unknown names are ignored: a later release may have written them."""
    known = {
        field.name: field.from_json(payload[field.name])
        for field in fields_of(event)
        if field.name in payload
    }
    return event(**known)
