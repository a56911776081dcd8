"""Events are declared strictly, and come back from JSON as they were."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest

from infra.events.event import Event, fields_of, from_payload, to_payload
from infra.events.subscriptions import on


@dataclass(frozen=True, slots=True)
class Everything(Event):
    """Every type that a field may have."""

    name: ClassVar[str] = "tests.everything"
    key: UUID
    text: str
    count: int
    flag: bool
    amount: Decimal
    day: date
    moment: datetime
    absent: UUID | None
    later: int | None = None


FULL: dict[str, Any] = {
    "key": uuid4(),
    "text": "é",
    "count": 3,
    "flag": True,
    "amount": Decimal("12.30"),
    "day": date(2026, 3, 29),
    "moment": datetime(2026, 3, 29, 1, 0, 0, 5, tzinfo=UTC),
    "absent": None,
    "later": 4,
}


def test_every_type_comes_back_from_json_as_it_was() -> None:
    event = Everything(**FULL)
    again = from_payload(Everything, json.loads(json.dumps(to_payload(event))))
    assert again == event
    assert {name: type(getattr(again, name)) for name in FULL} == {
        name: type(value) for name, value in FULL.items()
    }


def test_a_field_added_later_has_its_default_and_one_dropped_is_ignored() -> None:
    stored = to_payload(Everything(**FULL))
    del stored["later"]
    stored["dropped"] = 1
    assert from_payload(Everything, stored).later is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "no uuid"},
        {"key": None},
        {"count": True},
        {"count": "3"},
        {"amount": 1.5},
        {"day": datetime(2026, 3, 29, tzinfo=UTC)},
        {"moment": datetime(2026, 3, 29)},  # noqa: DTZ001  without a zone
    ],
)
def test_refuses_a_value_of_another_type(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=next(iter(wrong))):
        to_payload(Everything(**(FULL | wrong)))


def test_refuses_what_is_not_frozen_or_has_no_slots_or_no_name_or_carries_objects() -> None:
    @dataclass(slots=True)
    class Changeable(Event):
        name: ClassVar[str] = "tests.changeable"

    @dataclass(frozen=True)
    class Slotless(Event):
        name: ClassVar[str] = "tests.slotless"

    @dataclass(frozen=True, slots=True)
    class Nameless(Event):
        pass

    @dataclass(frozen=True, slots=True)
    class Carrier(Event):
        name: ClassVar[str] = "tests.carrier"
        rows: list[str]

    for event in (Changeable, Slotless, Nameless, Carrier):
        with pytest.raises(TypeError):
            fields_of(event)


def test_two_events_may_not_have_one_name() -> None:
    @dataclass(frozen=True, slots=True)
    class Second(Event):
        name: ClassVar[str] = "tests.taken"

    first = Second
    on(first)

    @dataclass(frozen=True, slots=True)
    class Third(Event):
        name: ClassVar[str] = "tests.taken"

    with pytest.raises(ValueError, match=r"two events are named tests\.taken"):
        on(Third)
