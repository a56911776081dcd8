"""Payments left hanging are asked about one by one: one that is refused stops no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.gateway.interface import GatewayRefused, GatewayUnavailable
from billing.gateway.sandbox.services import pay_with_card
from billing.gateway.stripe.adapter import StripeGateway
from billing.payments.models import Payment
from billing.payments.services.reconciling import reconcile_payments
from tests.billing.paying import begin
from tests.world import FirmWorld, World

CARD = "4242424242424242"


@pytest.fixture
def alpha(world: World, no_delivery: None) -> FirmWorld:
    return world.alpha


def _two_hang(alpha: FirmWorld) -> tuple[Payment, Payment]:
    """Ada's payment, asked about first, and Bob's, which was paid."""
    first, second = begin(alpha).payment, begin(alpha, person="bob").payment
    pay_with_card(second.session_id, CARD)
    for payment, minutes in ((first, 10), (second, 5)):
        Payment.objects.filter(pk=payment.pk).update(
            checked_at=timezone.now() - timedelta(minutes=minutes)
        )
    return first, second


def _fails(monkeypatch: pytest.MonkeyPatch, session_id: str, error: type[Exception]) -> list[str]:
    """Asking about this page fails; returns the pages that were asked about, as they come."""
    real, asked = StripeGateway.fetch_payment, []

    def fetch(self: StripeGateway, *, account: str, session_id: str) -> Any:
        asked.append(session_id)
        if session_id == broken:
            raise error
        return real(self, account=account, session_id=session_id)

    broken = session_id
    monkeypatch.setattr(StripeGateway, "fetch_payment", fetch)
    return asked


@pytest.mark.parametrize("error", [GatewayRefused, RuntimeError])
def test_one_that_cannot_be_looked_up_does_not_stop_the_others(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    with alpha.inside():
        first, second = _two_hang(alpha)
        _fails(monkeypatch, first.session_id, error)
        assert reconcile_payments() == 1
        assert Payment.objects.get(pk=second.pk).state == Payment.State.SUCCEEDED
        assert alpha.invoice(2).status == "paid"
        left = Payment.objects.get(pk=first.pk)
        assert left.state == Payment.State.OPEN
        # It waits its turn: others left hanging come first.
        assert left.checked_at > timezone.now() - timedelta(minutes=1)


def test_a_provider_that_is_no_longer_offered_does_not_stop_the_others(alpha: FirmWorld) -> None:
    with alpha.inside():
        first, second = _two_hang(alpha)
        Payment.objects.filter(pk=first.pk).update(gateway="stripe")
        assert reconcile_payments() == 1
        assert Payment.objects.get(pk=second.pk).state == Payment.State.SUCCEEDED


def test_a_gateway_that_does_not_answer_is_left_alone_until_the_next_run(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alpha.inside():
        first, second = _two_hang(alpha)
        asked = _fails(monkeypatch, first.session_id, GatewayUnavailable)
        assert reconcile_payments() == 0
        assert asked == [first.session_id]
        assert reconcile_payments() == 1
        assert asked == [first.session_id, second.session_id]
        assert Payment.objects.get(pk=second.pk).state == Payment.State.SUCCEEDED
