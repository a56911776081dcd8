"""Notifications: signed, delivered after the commit, verified, and stored once."""

import json
from datetime import timedelta
from typing import Any

import pytest
import requests
import stripe
import time_machine
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from billing.gateway.inbox import store_event
from billing.gateway.interface import Checkout, EventKind, ForgedEvent, Gateway
from billing.gateway.models import GatewayEvent
from billing.gateway.sandbox import delivery, services
from billing.gateway.sandbox.models import SandboxObject
from billing.gateway.sandbox.tasks import deliver_sandbox_event, sweep_sandbox_events
from infra.config.celery import app
from infra.events.schedules import beat_schedule
from tests.billing.gateway.conftest import sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def event_id(checkout: Checkout) -> str:
    services.pay_with_card(checkout.session_id, "4242424242424242")
    return SandboxObject.objects.get(
        kind="event", data__type="checkout.session.completed"
    ).object_id


class _Web:
    """Stands in for the wire to our own webhook."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.calls: list[dict[str, Any]] = []

    def post(self, url: str, **call: Any) -> requests.Response:
        self.calls.append({"url": url, **call})
        answer = requests.Response()
        answer.status_code = self.answers.pop(0)
        if answer.status_code == 0:
            raise requests.ConnectionError
        return answer


def test_events_leave_after_the_commit(
    checkout: Checkout, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        services.pay_with_card(checkout.session_id, "4242424242424242")
        assert sent == []
    assert len(sent) == 3


def test_the_worker_posts_the_event(
    settings: Settings, event_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SANDBOX_WEBHOOK_URL = "http://127.0.0.1:8000/hooks/sandbox/"
    settings.SANDBOX_WEBHOOK_HOST = "portico.localhost"
    web = _Web(200)
    monkeypatch.setattr(requests, "post", web.post)
    deliver_sandbox_event(event_id=event_id)
    assert [call["headers"]["Host"] for call in web.calls] == ["portico.localhost"]
    assert event_id not in delivery.undelivered_events(older_than=timedelta(0))


def test_the_sandboxs_tasks_are_known_with_the_registry() -> None:
    names = {"deliver_sandbox_event", "sweep_sandbox_events"}
    assert {f"billing.gateway.sandbox.tasks.{name}" for name in names} <= set(app.tasks)
    assert "billing.gateway.sandbox.tasks.sweep_sandbox_events" in beat_schedule()


@pytest.mark.parametrize(
    ("chosen", "deployment", "again"),
    [("sandbox", "development", True), ("stripe", "development", False)]
    + [("sandbox", "production", False)],
)
def test_the_sweep_sends_again_only_where_the_sandbox_is_offered(
    settings: Settings,
    event_id: str,
    monkeypatch: pytest.MonkeyPatch,
    chosen: str,
    deployment: str,
    again: bool,
) -> None:
    settings.PAYMENT_GATEWAY, settings.DEPLOYMENT = chosen, deployment
    SandboxObject.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    posted: list[str] = []
    monkeypatch.setattr("billing.gateway.sandbox.tasks.send_event", posted.append)
    sweep_sandbox_events()
    assert (event_id in posted) is again


def test_a_delivery_that_fails_can_be_repeated(
    event_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "post", _Web(0, 503, 302, 200).post)
    for _ in range(3):
        with pytest.raises(delivery.EventNotDelivered):
            delivery.send_event(event_id)
        assert event_id in delivery.undelivered_events(older_than=timedelta(0))
    delivery.send_event(event_id)
    assert event_id not in delivery.undelivered_events(older_than=timedelta(0))
    assert delivery.undelivered_events() == []
    with pytest.raises(delivery.EventUnknown):
        delivery.send_event("evt_demo_0")


def test_a_signed_event_is_understood(
    gateway: Gateway, account: str, checkout: Checkout, event_id: str
) -> None:
    body, headers = delivery.signed(event_id)
    incoming = gateway.parse_event(body, headers)
    assert (incoming.event_id, incoming.account) == (event_id, account)
    assert (incoming.kind, incoming.type) == (
        EventKind.PAYMENT_CHANGED,
        "checkout.session.completed",
    )
    assert incoming.object_id == incoming.session_id == checkout.session_id
    assert incoming.livemode is False
    assert incoming.raw["data"]["object"]["payment_status"] == "paid"
    assert not any(name.startswith("_") for name in incoming.raw["data"]["object"])


def test_refuses_forged_changed_and_old_events(gateway: Gateway, event_id: str) -> None:
    body, headers = delivery.signed(event_id)
    signature = headers["Stripe-Signature"]
    for payload, header in (
        (body, ""),
        (body, "t=1,v1=00"),
        (body, "nonsense"),
        (body.replace(b"paid", b"free"), signature),
        (b"\xff", signature),
    ):
        with pytest.raises(ForgedEvent):
            gateway.parse_event(payload, {"Stripe-Signature": header})
    with time_machine.travel(timedelta(minutes=6)), pytest.raises(ForgedEvent):
        gateway.parse_event(body, headers)


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        '"text"',
        '{"object": "v2.core.event"}',
        '{"id": "e", "object": "event"}',
        "nonsense",
    ],
)
def test_refuses_what_is_no_event(gateway: Gateway, settings: Settings, content: str) -> None:
    secret = settings.SANDBOX_WEBHOOK_SECRET
    header = stripe.WebhookSignature.generate_signature_header(content, secret)
    with pytest.raises(ForgedEvent):
        gateway.parse_event(content.encode(), {"Stripe-Signature": header})


def test_stores_an_event_once(gateway: Gateway, event_id: str) -> None:
    body, headers = delivery.signed(event_id)
    incoming = gateway.parse_event(body, headers)
    stored = store_event(incoming, gateway="sandbox")
    assert stored is not None
    assert store_event(incoming, gateway="sandbox") is None
    assert store_event(incoming, gateway="stripe") is not None
    row = GatewayEvent.objects.get(gateway="sandbox")
    assert (row.pk, row.type, row.state) == (stored.pk, incoming.type, "received")
    assert (row.kind, row.session_id, row.payment_id) == (
        "payment_changed",
        incoming.session_id,
        incoming.payment_id,
    )
    assert row.payload == json.loads(body)
    assert str(row) == f"sandbox {event_id}"


def test_events_are_listed_newest_first(account: str, event_id: str) -> None:
    from billing.gateway.sandbox.transport import SandboxTransport

    client = stripe.StripeClient("sk_test_x", http_client=SandboxTransport())
    page = client.v1.events.list({"limit": 1}, {"stripe_account": account})
    assert [event.id for event in page.data] == [event_id]
    assert page.has_more
    everything = [event.type for event in page.auto_paging_iter()]
    assert everything == [
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.succeeded",
    ]
    one = client.v1.events.retrieve(event_id, None, {"stripe_account": account})
    assert one.account == account
