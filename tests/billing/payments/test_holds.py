"""A running payment holds its invoices: nothing is closed under a payer's hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from billing.credit_notes.models import CreditNote
from billing.credit_notes.services import credit_whole_invoice
from billing.gateway.registry import gateway_for
from billing.invoices import holds
from billing.invoices.models import Invoice
from billing.invoices.services.issuing import PaymentUnderWay, void_invoice, write_off_invoice
from billing.payments.services.reconciling import check_payment
from tests.billing.paying import begin
from tests.world import FirmWorld, World

CLOSING = [void_invoice, write_off_invoice, credit_whole_invoice]


@pytest.fixture
def alpha(world: World, no_delivery: None) -> FirmWorld:
    return world.alpha


def test_payments_have_registered() -> None:
    # By name: importing the check here would register it.
    assert "billing.payments.holds" in {check.__module__ for check in holds._checks}


@pytest.mark.parametrize("close", CLOSING)
def test_an_invoice_is_not_closed_while_somebody_pays(
    alpha: FirmWorld, close: Callable[..., Any]
) -> None:
    owner = alpha.people["owner"]
    with alpha.inside():
        payment = begin(alpha).payment
        with pytest.raises(PaymentUnderWay):
            close(invoice=alpha.invoice(), reason="Mistake", by=owner)
        assert alpha.invoice().status == Invoice.Status.OPEN
        assert not CreditNote.objects.exists()
        # Another invoice of the firm is not held.
        close(invoice=alpha.invoice(2), reason="Mistake", by=owner)
        # The page ended unpaid: nothing stands in the way any more.
        gateway_for(payment.gateway).expire_checkout(
            account=payment.account, session_id=payment.session_id
        )
        check_payment(payment=payment)
        close(invoice=alpha.invoice(), reason="Mistake", by=owner)
        assert alpha.invoice().status != Invoice.Status.OPEN
