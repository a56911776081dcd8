"""The gateway says no, does not answer, or tells of things we do not know: nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from billing.gateway.accounts import account_for
from billing.gateway.interface import EventKind, GatewayRefused, GatewayUnavailable
from billing.gateway.models import GatewayAccount, GatewayEvent
from billing.gateway.sandbox.models import SandboxObject
from billing.gateway.sandbox.services import pay_with_card
from billing.gateway.sandbox.tasks import sweep_sandbox_events
from billing.gateway.stripe.adapter import StripeGateway
from billing.payments.dispatch import MAX_ATTEMPTS, process_event
from billing.payments.models import Payment, PaymentItem
from billing.payments.services.starting import PaymentProcessing
from billing.payments.tasks import sweep_inbox
from infra.tenancy.firm_context import in_public
from tenants.firms.tasks import sweep_firms
from tests.billing.paying import begin, events, post_event
from tests.world import FirmWorld, World

CARD = "4242424242424242"


@pytest.fixture
def alpha(world: World, no_delivery: None) -> FirmWorld:
    return world.alpha


def _fails(monkeypatch: pytest.MonkeyPatch, method: str, error: type[Exception]) -> None:
    def refuse(*_args: Any, **_more: Any) -> None:
        raise error

    monkeypatch.setattr(StripeGateway, method, refuse)


def _event(alpha: FirmWorld, **more: Any) -> GatewayEvent:
    with in_public():
        return GatewayEvent.objects.create(
            gateway="sandbox",
            account=account_for(alpha.ref.id).account_id,
            event_id=f"evt_{uuid4().hex}",
            type="checkout.session.completed",
            livemode=False,
            **{
                "kind": EventKind.PAYMENT_CHANGED,
                "object_id": "cs_other",
                "session_id": "cs_other",
                "payload": {},
                **more,
            },
        )


def _state(event: GatewayEvent) -> tuple[str, int]:
    with in_public():
        event.refresh_from_db()
    return event.state, event.attempts


def _paid_event(alpha: FirmWorld) -> GatewayEvent:
    with alpha.inside():
        session = begin(alpha).payment.session_id
    pay_with_card(session, CARD)
    for event_id in events():
        assert post_event(event_id).status_code == 200
    with in_public():
        return GatewayEvent.objects.filter(object_id=session).latest("received_at")


def test_a_refused_payment_frees_the_invoice(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alpha.inside():
        with monkeypatch.context() as broken:
            _fails(broken, "open_checkout", GatewayRefused)
            with pytest.raises(GatewayRefused):
                begin(alpha)
        refused = Payment.objects.get()
        assert refused.state == Payment.State.FAILED
        assert not PaymentItem.objects.filter(is_live=True).exists()
        assert begin(alpha).payment.state == Payment.State.OPEN


def test_no_answer_keeps_the_attempt_and_pressing_again_goes_on_with_it(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alpha.inside():
        with monkeypatch.context() as broken:
            _fails(broken, "open_checkout", GatewayUnavailable)
            with pytest.raises(GatewayUnavailable):
                begin(alpha)
        waiting = Payment.objects.get()
        assert waiting.state == Payment.State.CREATING
        assert begin(alpha).payment.pk == waiting.pk


def test_somebody_elses_page_is_ended_before_a_new_one_opens(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alpha.inside():
        first = begin(alpha).payment
        # A page that can never be ended: nobody gets a second one beside it.
        monkeypatch.setattr(
            "billing.payments.services.starting._clear_away", lambda payment: payment
        )
        Payment.objects.update(expires_at=timezone.now())
        with pytest.raises(PaymentProcessing):
            begin(alpha)
        assert list(Payment.objects.values_list("pk", flat=True)) == [first.pk]


def test_an_event_that_cannot_be_handled_waits_and_is_given_up_where_operators_see_it(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = _paid_event(alpha)
    with monkeypatch.context() as broken:
        _fails(broken, "fetch_payment", GatewayUnavailable)
        process_event(event.pk)
        assert _state(event) == ("received", 1)
        for _turn in range(MAX_ATTEMPTS - 1):
            process_event(event.pk)
        assert _state(event) == ("failed", MAX_ATTEMPTS)
        assert "GatewayUnavailable" in event.error
    process_event(event.pk)
    assert _state(event)[0] == "processed"
    with alpha.inside():
        assert alpha.invoice().status == "paid"


def test_an_event_is_found_by_what_the_gateway_carries_for_us(alpha: FirmWorld) -> None:
    with alpha.inside():
        payment = begin(alpha).payment
    pay_with_card(payment.session_id, CARD)
    event = _event(alpha, object_id="pi_1", session_id="", payment_id=payment.pk)
    process_event(event.pk)
    assert _state(event)[0] == "processed"
    with alpha.inside():
        assert alpha.invoice().status == "paid"


@pytest.mark.parametrize("named", [{}, {"session_id": ""}, {"payment_id": uuid4()}])
def test_an_event_about_nothing_of_ours_is_set_aside(
    alpha: FirmWorld, named: dict[str, Any]
) -> None:
    event = _event(alpha, **named)
    process_event(event.pk)
    assert _state(event) == ("ignored", 0)
    assert event.error == "not ours"


@pytest.mark.parametrize(
    "kind", [EventKind.REFUND_CHANGED, EventKind.DISPUTE_CHANGED, EventKind.OTHER]
)
def test_an_event_of_a_kind_that_nobody_handles_is_set_aside_for_later(
    alpha: FirmWorld, kind: EventKind
) -> None:
    with alpha.inside():
        payment = begin(alpha).payment
    pay_with_card(payment.session_id, CARD)
    event = _event(alpha, kind=kind, session_id=payment.session_id, payment_id=payment.pk)
    process_event(event.pk)
    assert _state(event) == ("ignored", 0)
    assert event.error == f"no handler for {kind}"
    with alpha.inside():
        assert Payment.objects.get().state == Payment.State.OPEN
        assert alpha.invoice().status == "open"


@pytest.mark.parametrize("name", ["session_id", "payment_id"])
def test_another_account_of_the_firm_at_the_same_provider_does_not_reach_a_payment(
    alpha: FirmWorld, name: str
) -> None:
    with alpha.inside():
        payment = begin(alpha).payment
        mine = {"session_id": payment.session_id, "payment_id": payment.pk}
    pay_with_card(payment.session_id, CARD)
    with in_public():
        GatewayAccount.objects.filter(firm_id=alpha.ref.id).update(
            status=GatewayAccount.Status.DISCONNECTED
        )
        GatewayAccount.objects.create(
            firm_id=alpha.ref.id,
            gateway="sandbox",
            account_id="acct_second",
            livemode=False,
            status=GatewayAccount.Status.ACTIVE,
        )
    event = _event(alpha, **{"session_id": "", name: mine[name]})
    assert event.account == "acct_second"
    process_event(event.pk)
    assert _state(event) == ("ignored", 0)
    assert event.error == "not ours"
    with alpha.inside():
        assert alpha.invoice().status == "open"


def test_another_firms_account_does_not_reach_a_payment(alpha: FirmWorld, world: World) -> None:
    with alpha.inside():
        payment = begin(alpha).payment
    pay_with_card(payment.session_id, CARD)
    event = _event(world.beta, session_id=payment.session_id, payment_id=payment.pk)
    process_event(event.pk)
    assert _state(event)[0] == "ignored"
    with alpha.inside():
        assert alpha.invoice().status == "open"


def test_the_sweeper_handles_lost_events_sends_the_sandboxs_again_and_asks_about_the_rest(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = _paid_event(alpha)
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "celery.app.task.Task.apply_async",
        lambda task, args=None, kwargs=None, *, headers, **more: sent.append(
            (task.name.rsplit(".", 1)[-1], headers.get("firm", ""))
        ),
    )
    long_ago = timezone.now() - timedelta(minutes=5)
    with in_public():
        GatewayEvent.objects.update(received_at=long_ago)
        SandboxObject.objects.update(created_at=long_ago)
    with alpha.inside():
        # Another attempt hangs: nobody ever heard of it again.
        begin(alpha, person="bob")
        Payment.objects.filter(state="open").update(checked_at=long_ago)
    sweep_inbox()
    sweep_sandbox_events()
    sweep_firms()
    assert _state(event)[0] == "processed"
    assert ("deliver_sandbox_event", "") in sent
    assert ("reconcile", str(alpha.ref.id)) in sent
