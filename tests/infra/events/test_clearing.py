"""Delivered events are cleared by age; what is pending or dead stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import time_machine
from django.db import transaction

from infra.events.event import Event
from infra.events.models import Delivery, StoredEvent
from infra.events.schedules import nightly_tasks
from infra.events.services import emit
from infra.events.subscriptions import on
from infra.events.tasks import clear_events
from tests.world import World


@dataclass(frozen=True, slots=True)
class Cleared(Event):
    """Something that one subscriber hears of."""

    name: ClassVar[str] = "tests.cleared"
    number: int


@on(Cleared)
def hear(event: Cleared, _delivery_id: UUID) -> None:
    """Does nothing."""


def test_only_what_was_delivered_long_ago_goes(world: World) -> None:
    assert clear_events.name in [task.name for task in nightly_tasks()]
    now = datetime.now(UTC)
    with world.alpha.inside(), time_machine.travel(now, tick=False) as clock:
        with transaction.atomic():
            for number in range(3):
                emit(Cleared(number=number))
        delivered, pending, dead = Delivery.objects.filter(event__name=Cleared.name).order_by("id")
        Delivery.objects.filter(pk=delivered.pk).update(delivered_at=now)
        Delivery.objects.filter(pk=dead.pk).update(dead_at=now)
        for days, left in ((29, [delivered, pending, dead]), (2, [pending, dead])):
            clock.shift(timedelta(days=days))
            clear_events.apply(headers={"firm": str(world.alpha.ref.id)}).get()
            mine = Delivery.objects.filter(event__name=Cleared.name)
            assert list(mine.order_by("id")) == left
            events = StoredEvent.objects.filter(name=Cleared.name)
            assert events.count() == len(left)
