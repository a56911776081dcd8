"""Runs of the relay beside each other, and one that takes long."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from infra.events import relay, services
from infra.events.event import Event
from infra.events.models import Delivery
from infra.events.relay import RUN_SECONDS, deliver_due
from infra.events.schedules import sweeps
from infra.events.services import emit
from infra.events.subscriptions import on
from infra.events.tasks import deliver_events
from tenants.firms.sweep import firms_where
from tests.world import World


@dataclass(frozen=True, slots=True)
class Relayed(Event):
    """Has one subscriber."""

    name: ClassVar[str] = "tests.relayed"
    number: int


numbers: list[int] = []


@on(Relayed)
def take_note(event: Relayed, _delivery_id: UUID) -> None:
    """Takes note."""
    numbers.append(event.number)


@pytest.fixture(autouse=True)
def _forget() -> None:
    numbers.clear()


def test_a_worker_passes_over_what_another_is_claiming(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "enqueue_best_effort", lambda _task: None)
    alpha = committed_world.alpha
    with alpha.inside(), transaction.atomic():
        emit(Relayed(number=1))
        emit(Relayed(number=2))
    claimed: list[int | str] = []

    def other_worker() -> None:
        try:
            with alpha.inside():
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '3s'")
                delivery = relay._claim_next()
                claimed.append(delivery.event.payload["number"] if delivery else "nothing")
        except Exception as error:
            claimed.append(type(error).__name__)
        finally:
            connection.close()

    with alpha.inside(), transaction.atomic():
        first = relay._claim_next()  # not committed yet: its row is locked
        assert first is not None
        worker = threading.Thread(target=other_worker)
        worker.start()
        worker.join(timeout=20)
        assert not worker.is_alive()
    assert claimed == [3 - first.event.payload["number"]]


def test_a_run_that_takes_long_leaves_the_rest_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery kills a task at its time limit: who begins in time has time to end."""
    clock = iter([0.0, 0.0, RUN_SECONDS - 1.0, RUN_SECONDS + 1.0])
    monkeypatch.setattr(relay, "monotonic", lambda: next(clock))
    with world.alpha.inside():
        for number in range(3):
            emit(Relayed(number=number))
        assert deliver_due() == 2
        left = Delivery.objects.pending().get()
        assert (left.attempts, left.error) == (0, "")
        assert left.due_at <= timezone.now()
        monkeypatch.undo()
        assert deliver_due() == 1
    assert sorted(numbers) == [0, 1, 2]


@pytest.mark.parametrize("ended", ["delivered_at", "dead_at"])
def test_the_sweep_passes_over_firms_whose_deliveries_have_ended(world: World, ended: str) -> None:
    (condition,) = (sweep.condition for sweep in sweeps() if sweep.task is deliver_events)
    alpha = str(world.alpha.ref.id)
    with world.alpha.inside():
        emit(Relayed(number=1))
        # For the database, this transaction's now is its start.
        Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert firms_where(condition) == [alpha]
    with world.alpha.inside():
        Delivery.objects.update(**{ended: timezone.now()})
    assert firms_where(condition) == []
