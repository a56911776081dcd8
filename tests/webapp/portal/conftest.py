"""A firm with its sandbox account ready, and payments written in any state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from billing.payments.models import Allocation, Payment, PaymentItem
from tests.world import FirmWorld


def write_payment(firm: FirmWorld, state: str, *, number: int = 1, **given: Any) -> Payment:
    """A payment of the client's invoice in ``state``, as if the webhook had brought it there."""
    with firm.inside():
        invoice = firm.invoice(number)
        paid = state == Payment.State.SUCCEEDED
        values: dict[str, Any] = {
            "client": invoice.client,
            "payer": firm.people["ada" if number == 1 else "bob"],
            "state": state,
            "currency": invoice.currency,
            "amount": Decimal("100.00"),
            "gateway": "sandbox",
            "account": f"acct_sandbox_{firm.ref.slug}",
            "session_id": f"cs_{state}_{number}",
            "session_url": "http://portico.localhost/sandbox/pay/cs_1/",
            "expires_at": timezone.now() + timedelta(minutes=30),
            "method_type": "card",
            "last4": "4242",
            "succeeded_at": timezone.now() if paid else None,
            "received": given.get("amount", invoice.balance) if paid else None,
            "receipt_number": "2026-0001" if paid else None,
        } | given
        payment = Payment.objects.create(**values)
        live = state in Payment.LIVE_STATES
        PaymentItem.objects.create(
            payment=payment, invoice=invoice, amount=payment.amount, is_live=live
        )
        if paid:
            Allocation.objects.create(payment=payment, invoice=invoice, amount=payment.amount)
    return payment


@pytest.fixture
def payment_in() -> Callable[..., Payment]:
    return write_payment


def actions(firm: FirmWorld) -> list[str]:
    """What the firm's trail holds, oldest first."""
    from infra.audit.models import AuditEvent

    with firm.inside():
        return list(AuditEvent.objects.order_by("at").values_list("action", flat=True))


@pytest.fixture
def trail() -> Callable[[FirmWorld], list[str]]:
    return actions
