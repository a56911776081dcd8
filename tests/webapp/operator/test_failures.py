"""What failed is shown to operators without its content, and can be sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app, shared_task
from django.test import Client as Browser
from django.utils import timezone

from billing.gateway.interface import EventKind
from billing.gateway.models import GatewayAccount, GatewayEvent
from billing.payments.event_retry import retry_event
from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from infra.tenancy.firm_context import active_firm, in_public
from tenants.firms.failed_tasks import retry_failed_task
from tenants.firms.models import FailedTask, Firm
from tests.world import World

ran: list[tuple[str, Any]] = []


@shared_task(name="tests.note_firm")
def note_firm(*, number: int) -> None:
    """Notes for which firm it ran."""
    firm = active_firm()
    ran.append((firm.slug if firm else "", number))


@pytest.fixture(autouse=True)
def _forget() -> None:
    ran.clear()


def _failed(firm_id: Any, task: str = "tests.note_firm") -> FailedTask:
    with in_public():
        return FailedTask.objects.create(
            task=task,
            firm_id=firm_id,
            kwargs={"number": 7},
            error="ValueError: broken\nDETAIL: Key (email)=(ada@alpha.test)",
        )


def _event(world: World, state: str, *, minutes: int = 0, attempts: int = 0) -> GatewayEvent:
    with in_public():
        account = GatewayAccount.objects.get(firm_id=world.alpha.ref.id)
        event = GatewayEvent.objects.create(
            kind=EventKind.PAYMENT_CHANGED,
            gateway=account.gateway,
            account=account.account_id,
            event_id=f"evt_{uuid4().hex}",
            type="checkout.session.completed",
            object_id="cs_1",
            livemode=False,
            payload={"data": {"object": {"customer_email": "ada@alpha.test"}}},
            state=state,
            attempts=attempts,
            error="Timeout: gateway",
        )
        GatewayEvent.objects.filter(pk=event.pk).update(
            received_at=timezone.now() - timedelta(minutes=minutes)
        )
        return event


def test_the_list_names_task_and_firm_but_no_values(operator: Browser, world: World) -> None:
    _failed(world.alpha.ref.id)
    page = operator.get("/failures/")
    assert [task.firm for task in page.context["tasks"]] == [world.alpha.ref.name]
    assert b"ValueError: broken" in page.content
    assert b"ada@alpha.test" not in page.content


def test_events_are_stuck_when_failed_or_waiting_for_long(operator: Browser, world: World) -> None:
    failed = _event(world, "failed", attempts=12)
    late = _event(world, "received", minutes=6)
    _event(world, "received", minutes=1)
    _event(world, "processed", minutes=60)
    page = operator.get("/failures/")
    assert [event.id for event in page.context["events"]] == [failed.pk, late.pk]
    assert b"ada@alpha.test" not in page.content


def test_nothing_failed_says_so(operator: Browser) -> None:
    page = operator.get("/failures/").content
    assert b"No failed tasks" in page
    assert b"No stuck events" in page


def test_a_task_is_sent_again_into_its_firm_once(operator: Browser, world: World) -> None:
    failed = _failed(world.alpha.ref.id)
    for _press in range(2):
        assert operator.post(f"/failures/tasks/{failed.pk}/retry/").status_code == 302
    assert ran == [("alpha", 7)]
    assert operator.get("/failures/").context["tasks"] == []
    with world.ops.inside():
        assert AuditEvent.objects.filter(action="task.retried").count() == 1


def test_a_task_of_a_suspended_firm_waits(operator: Browser, world: World) -> None:
    failed = _failed(world.alpha.ref.id)
    with in_public():
        Firm.objects.filter(slug="alpha").update(status="suspended")
    answer = operator.post(f"/failures/tasks/{failed.pk}/retry/")
    assert answer.status_code == 409
    assert ran == []
    assert operator.get("/failures/").context["tasks"][0].id == failed.pk


def test_a_firms_task_never_runs_for_the_operators(operator: Browser, world: World) -> None:
    failed = _failed(None)
    assert operator.post(f"/failures/tasks/{failed.pk}/retry/").status_code == 409
    assert ran == []


def test_a_task_that_is_gone_is_told(operator: Browser, world: World) -> None:
    failed = _failed(None, task="rooms.removed_task")
    assert operator.post(f"/failures/tasks/{failed.pk}/retry/").status_code == 409


def test_a_silent_queue_loses_nothing(
    operator: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError

    failed = _failed(world.alpha.ref.id)
    monkeypatch.setattr(current_app.tasks["tests.note_firm"], "apply_async", silent)
    assert operator.post(f"/failures/tasks/{failed.pk}/retry/").status_code == 503
    with in_public():
        assert FailedTask.objects.get(pk=failed.pk).retried_at is None
    with world.ops.inside():
        assert not AuditEvent.objects.filter(action="task.retried").exists()


def test_a_failed_event_is_handled_again(
    operator: Browser, world: World, django_capture_on_commit_callbacks: Any
) -> None:
    event = _event(world, "failed", attempts=12)
    with django_capture_on_commit_callbacks(execute=True):
        assert operator.post(f"/failures/events/{event.pk}/retry/").status_code == 302
    with in_public():
        event.refresh_from_db()
    # About no payment of ours: handled, and set aside with its reason.
    assert (event.state, event.attempts, event.error) == ("ignored", 0, "not ours")
    with world.ops.inside():
        assert AuditEvent.objects.filter(action="gateway_event.retried").count() == 1


def test_an_event_handled_meanwhile_stays_as_it_is(operator: Browser, world: World) -> None:
    event = _event(world, "processed")
    assert operator.post(f"/failures/events/{event.pk}/retry/").status_code == 302
    with in_public():
        event.refresh_from_db()
    assert event.state == "processed"


@pytest.mark.parametrize("kind", ["tasks", "events"])
def test_unknown_failures_are_not_found(operator: Browser, kind: str) -> None:
    assert operator.post(f"/failures/{kind}/{uuid4()}/retry/").status_code == 404


def test_a_firms_people_may_retry_nothing(world: World) -> None:
    failed, event = _failed(world.alpha.ref.id), _event(world, "failed")
    with world.alpha.inside():
        owner = world.alpha.people["owner"]
        with pytest.raises(NotAllowed):
            retry_failed_task(failed_task_id=failed.pk, by=owner)
        with pytest.raises(NotAllowed):
            retry_event(event_id=event.pk, by=owner)
    assert ran == []
