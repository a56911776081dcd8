"""An event reaches each of its subscribers, at least once, each on its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from infra.events import relay
from infra.events.event import Event
from infra.events.models import Delivery, StoredEvent
from infra.events.relay import PAUSES, deliver_due
from infra.events.services import emit
from infra.events.subscriptions import in_transaction, on
from infra.tenancy.firm_context import NoFirm, in_public
from tenants.firms.failed_tasks import retry_failed_task
from tenants.firms.models import FailedTask
from tenants.firms.selectors import list_failed_tasks
from tests.world import World

calls: list[tuple[str, int, UUID | None]] = []
broken: set[str] = set()


@dataclass(frozen=True, slots=True)
class Counted(Event):
    """Has two subscribers after commit and one in the transaction."""

    name: ClassVar[str] = "tests.counted"
    number: int


@dataclass(frozen=True, slots=True)
class Unheard(Event):
    """Has no subscriber."""

    name: ClassVar[str] = "tests.unheard"


@on(Counted)
def first(event: Counted, delivery_id: UUID) -> None:
    """Fails while told to."""
    calls.append(("first", event.number, delivery_id))
    if "first" in broken:
        raise OSError("no answer for ada@alpha.test")


@on(Counted)
def second(event: Counted, delivery_id: UUID) -> None:
    """Takes note."""
    calls.append(("second", event.number, delivery_id))


@in_transaction(Counted)
def at_once(event: Counted) -> None:
    """Takes note within the transaction; fails while told to."""
    calls.append(("at_once", event.number, None))
    if "at_once" in broken:
        raise ValueError("not allowed")


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    calls.clear()
    broken.clear()
    yield
    broken.clear()


def _called() -> list[str]:
    return [name for name, _number, _delivery in calls]


def _delivery(name: str) -> Delivery:
    return Delivery.objects.get(subscriber=f"tests.infra.events.{name}")


def _let_time_pass() -> None:
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_each_subscriber_gets_the_event_once(world: World) -> None:
    with world.alpha.inside():
        emit(Counted(number=3))
        assert deliver_due() == 2
        assert deliver_due() == 0
        assert Delivery.objects.count() == 2
    assert sorted(_called()) == ["at_once", "first", "second"]
    assert {number for _name, number, _delivery in calls} == {3}


def test_one_that_fails_is_retried_alone_with_growing_pauses_and_the_same_id(world: World) -> None:
    broken.add("first")
    with world.alpha.inside():
        emit(Counted(number=1))
        assert deliver_due() == 1
        assert _delivery("second").delivered_at is not None
        pauses = []
        for _turn in range(3):
            waiting = _delivery("first")
            pauses.append(round((waiting.due_at - timezone.now()).total_seconds()))
            assert waiting.delivered_at is None
            assert "no answer" in waiting.error
            assert deliver_due() == 0
            _let_time_pass()
            deliver_due()
        broken.clear()
        _let_time_pass()
        assert deliver_due() == 1
        assert _delivery("first").error == ""
    assert pauses == PAUSES[:3]
    assert _called().count("second") == 1
    assert _called().count("first") == 5
    assert len({delivery for name, _number, delivery in calls if name == "first"}) == 1


def test_a_delivery_that_kills_its_workers_is_not_tried_for_ever(world: World) -> None:
    with world.alpha.inside():
        emit(Counted(number=1))
        for _turn in range(len(PAUSES) + 1):
            Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
            Delivery.objects.filter(subscriber__endswith=".second").delete()
            assert relay._claim_next() is not None  # and the worker is gone
        _let_time_pass()
        assert deliver_due() == 0
        assert _delivery("first").dead_at is not None
    assert _called() == ["at_once"]
    assert "WorkerLost" in list_failed_tasks()[0].reason


def _exhaust(world: World) -> None:
    """Emit, and let the first subscriber fail at every try."""
    broken.add("first")
    with world.alpha.inside():
        emit(Counted(number=1))
        for _turn in range(len(PAUSES) + 1):
            assert _delivery("first").dead_at is None
            _let_time_pass()
            deliver_due()
        assert _delivery("first").dead_at is not None
        _let_time_pass()
        assert deliver_due() == 0


def test_a_dead_delivery_is_shown_to_operators_without_content(world: World) -> None:
    _exhaust(world)
    (shown,) = list_failed_tasks()
    assert shown.firm_id == world.alpha.ref.id
    assert shown.reason == "tests.counted → tests.infra.events.first: OSError"
    with world.alpha.inside():
        assert "ada@alpha.test" in _delivery("first").error


def test_an_operator_sends_a_dead_delivery_again(world: World) -> None:
    _exhaust(world)
    with in_public():
        failed = FailedTask.objects.get()
    broken.clear()
    calls.clear()
    with world.ops.inside():
        operator = world.ops.people["ops"]
        retry_failed_task(failed_task_id=failed.pk, by=operator)
        retry_failed_task(failed_task_id=failed.pk, by=operator)
    assert _called() == ["first"]
    assert list_failed_tasks() == []
    with world.alpha.inside():
        delivery = _delivery("first")
        assert (delivery.dead_at, delivery.attempts) == (None, 1)
        assert delivery.delivered_at is not None


def test_without_its_subscriber_a_delivery_is_dead_at_once_and_says_so(world: World) -> None:
    with world.alpha.inside():
        emit(Counted(number=1))
        Delivery.objects.filter(subscriber__endswith=".first").update(
            subscriber="tests.infra.events.renamed"
        )
        assert deliver_due() == 1
        dead = _delivery("renamed")
        assert dead.dead_at is not None
        assert "does not subscribe to tests.counted any more" in dead.error
    (shown,) = list_failed_tasks()
    assert "tests.infra.events.renamed does not subscribe" in shown.reason


def test_an_event_without_subscribers_is_not_stored(world: World) -> None:
    with world.alpha.inside():
        emit(Unheard())
        assert not StoredEvent.objects.exists()


def test_a_subscriber_in_the_transaction_undoes_the_change(world: World) -> None:
    broken.add("at_once")
    with world.alpha.inside():
        with pytest.raises(ValueError, match="not allowed"), transaction.atomic():
            world.alpha.invoice().lines.all().update(description="changed")
            emit(Counted(number=1))
        assert not StoredEvent.objects.exists()
        assert not world.alpha.invoice().lines.filter(description="changed").exists()


def test_what_is_rolled_back_is_not_delivered(world: World) -> None:
    with world.alpha.inside():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            emit(Counted(number=1))
            raise ZeroDivisionError
        assert deliver_due() == 0
    assert _called() == ["at_once"]


def test_refuses_to_emit_outside_of_a_firm_or_a_transaction(committed_world: World) -> None:
    with pytest.raises(NoFirm):
        emit(Counted(number=1))
    with committed_world.alpha.inside():
        with pytest.raises(TransactionManagementError):
            emit(Counted(number=1))
        assert not StoredEvent.objects.exists()
    assert calls == []


def test_a_function_subscribes_once_and_has_a_key_of_its_package_and_name(world: World) -> None:
    with pytest.raises(ValueError, match=r"has a subscriber tests\.infra\.events\.first already"):
        on(Counted)(first)


def test_no_transaction_is_open_while_a_subscriber_works(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones: list[bool] = []
    monkeypatch.setattr(
        relay,
        "_deliver",
        lambda _delivery: open_ones.append(transaction.get_connection().in_atomic_block),
    )
    with committed_world.alpha.inside(), transaction.atomic():
        emit(Counted(number=1))
    # The relay ran by itself once the transaction was committed.
    assert open_ones == [False, False]


def test_two_workers_do_not_take_the_same_delivery(committed_world: World) -> None:
    with committed_world.alpha.inside():
        broken.add("first")
        with transaction.atomic():
            emit(Counted(number=1))
        _let_time_pass()
        one = relay._claim_next()
        assert one is not None
        assert relay._claim_next() is None


def test_a_late_worker_does_not_bury_what_another_has_taken_over(world: World) -> None:
    with world.alpha.inside():
        emit(Counted(number=1))
        late = relay._claim_next()
        assert late is not None
        late.attempts = len(PAUSES) + 1
        relay._mark_failed(late, OSError("too late"))
        late.refresh_from_db()
        assert late.dead_at is None
    assert list_failed_tasks() == []
