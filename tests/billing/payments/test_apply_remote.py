"""What the gateway reports is only booked where it is what was asked for: its currency, and money."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from billing.gateway.interface import RemotePayment, RemoteState
from billing.gateway.models import GatewayAccount
from billing.gateway.stripe.adapter import StripeGateway
from billing.invoices.models import Invoice
from billing.ledger.models import LedgerTransaction
from billing.ledger.selectors import held_for
from billing.payments.integrity_checks import book_errors
from billing.payments.models import Allocation, Payment
from billing.payments.services.applying import apply_remote
from billing.payments.services.reconciling import reconcile_payments
from billing.payments.tasks import reconcile
from infra.audit.models import AuditEvent
from infra.common.money import Money
from infra.events.models import StoredEvent
from infra.tenancy.firm_context import in_public
from tenants.firms.models import FailedTask
from tests.billing.paying import begin
from tests.world import FirmWorld, World, canary


@pytest.fixture
def alpha(world: World, no_delivery: None) -> FirmWorld:
    return world.alpha


def _succeeded(payment: Payment, amount: str, currency: str) -> RemotePayment:
    money = Money(Decimal(amount), currency)
    return RemotePayment(payment.session_id, RemoteState.SUCCEEDED, money)


def _assert_nothing_booked(alpha: FirmWorld, state: str) -> None:
    payment = Payment.objects.get()
    assert (payment.state, payment.receipt_number) == (state, None)
    invoice = alpha.invoice()
    assert (invoice.status, invoice.paid_total) == (Invoice.Status.OPEN, Decimal(0))
    assert not Allocation.objects.exists()
    kinds = LedgerTransaction.objects.values_list("kind", flat=True)
    assert LedgerTransaction.Kind.PAYMENT not in kinds
    assert not StoredEvent.objects.filter(name="payment.succeeded").exists()
    assert book_errors() == []


@pytest.mark.parametrize(
    ("amount", "currency"), [("544.50", "USD"), ("0", "EUR"), ("-544.50", "EUR")]
)
def test_another_currency_or_no_money_is_not_booked_and_stands_in_the_audit_trail(
    alpha: FirmWorld, caplog: pytest.LogCaptureFixture, amount: str, currency: str
) -> None:
    with alpha.inside():
        payment = begin(alpha).payment
        apply_remote(payment_id=payment.pk, remote=_succeeded(payment, amount, currency))
        _assert_nothing_booked(alpha, Payment.State.OPEN)
        assert payment.items.get().is_live
        noted = AuditEvent.objects.get(action="payment.mismatch")
        assert (noted.object_id, noted.client_id) == (payment.pk, payment.client_id)
        assert noted.meta == {
            "asked": "544.50",
            "currency": "EUR",
            "mode": "test",
            "reported": str(Money(Decimal(amount), currency).amount),
            "reported_currency": currency,
            "reported_mode": "test",
        }
    (line,) = [entry.getMessage() for entry in caplog.records if "reports" in entry.getMessage()]
    assert str(payment.pk) in line
    assert canary("alpha") not in line


def test_a_late_success_in_another_currency_leaves_an_ended_payment_as_it_was(
    alpha: FirmWorld,
) -> None:
    with alpha.inside():
        payment = begin(alpha).payment
        ended = RemotePayment(payment.session_id, RemoteState.EXPIRED, Money(Decimal(1), "EUR"))
        apply_remote(payment_id=payment.pk, remote=ended)
        apply_remote(payment_id=payment.pk, remote=_succeeded(payment, "544.50", "USD"))
        _assert_nothing_booked(alpha, Payment.State.EXPIRED)


def test_the_reconciler_asks_again_in_its_turn_and_the_trail_says_it_once(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(self: StripeGateway, **_which: Any) -> RemotePayment:
        return _succeeded(payment, "544.50", "USD")

    monkeypatch.setattr(StripeGateway, "fetch_payment", fetch)
    with alpha.inside():
        payment = begin(alpha).payment
        for _turn in range(2):
            before = timezone.now()
            Payment.objects.update(checked_at=before - timedelta(minutes=5))
            reconcile_payments()
            assert Payment.objects.get().checked_at >= before
        _assert_nothing_booked(alpha, Payment.State.OPEN)
        assert AuditEvent.objects.filter(action="payment.mismatch").count() == 1


@pytest.mark.parametrize("is_live", [True, False])
def test_money_of_the_other_mode_is_no_money(alpha: FirmWorld, is_live: bool) -> None:
    """A success in test mode must pay no invoice of a live account, and the other way round."""
    with alpha.inside():
        payment = begin(alpha).payment
        Payment.objects.update(livemode=is_live)
        report = replace(_succeeded(payment, "544.50", "EUR"), livemode=not is_live)
        apply_remote(payment_id=payment.pk, remote=report)
        _assert_nothing_booked(alpha, Payment.State.OPEN)
        noted = AuditEvent.objects.get(action="payment.mismatch")
        modes = ["live", "test"] if is_live else ["test", "live"]
        assert [noted.meta["mode"], noted.meta["reported_mode"]] == modes
        apply_remote(payment_id=payment.pk, remote=replace(report, livemode=is_live))
        assert alpha.invoice().status == Invoice.Status.PAID


@pytest.mark.parametrize("amount", ["600.00", "500.00"])
def test_another_amount_is_booked_and_operators_see_the_difference(
    alpha: FirmWorld, amount: str
) -> None:
    with alpha.inside():
        payment = begin(alpha).payment
        for _twice in range(2):
            apply_remote(payment_id=payment.pk, remote=_succeeded(payment, amount, "EUR"))
        payment.refresh_from_db()
        assert (payment.state, payment.received) == (Payment.State.SUCCEEDED, Decimal(amount))
        noted = AuditEvent.objects.get(action="payment.mismatch")
        assert (noted.meta["asked"], noted.meta["reported"]) == ("544.50", amount)
        assert book_errors() == []
    failed = FailedTask.objects.get(firm_id=alpha.ref.id)
    assert failed.task == reconcile.name
    assert failed.error == (
        f"PaymentMismatch: payment {payment.pk} asked for 544.50 EUR (test),"
        f" the gateway reports {amount} EUR (test)"
    )


def test_a_payment_knows_the_mode_of_its_account(alpha: FirmWorld) -> None:
    with in_public():
        GatewayAccount.objects.filter(firm_id=alpha.ref.id).update(livemode=True)
    with alpha.inside():
        assert begin(alpha).payment.livemode is True


def test_the_right_currency_is_booked_after_a_wrong_report(alpha: FirmWorld) -> None:
    with alpha.inside():
        payment = begin(alpha).payment
        apply_remote(payment_id=payment.pk, remote=_succeeded(payment, "544.50", "USD"))
        apply_remote(payment_id=payment.pk, remote=_succeeded(payment, "544.50", "EUR"))
        assert alpha.invoice().status == Invoice.Status.PAID


def test_more_money_than_a_part_that_was_asked_goes_to_the_same_invoice_first(
    alpha: FirmWorld,
) -> None:
    with alpha.inside():
        payment = begin(alpha, Decimal(100)).payment
        applied = apply_remote(payment_id=payment.pk, remote=_succeeded(payment, "600", "EUR"))
        assert (applied.amount, applied.received) == (Decimal(100), Decimal(600))
        assert applied.current_amount == Decimal(600)
        invoice = alpha.invoice()
        assert (invoice.status, invoice.balance) == (Invoice.Status.PAID, Decimal(0))
        assert Allocation.objects.get().amount == Decimal("544.50")
        assert held_for(payment.client) == [Money(Decimal("55.50"), "EUR")]
        assert book_errors() == []
