"""Payments and receipts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from billing.ledger.models import Account, LedgerTransaction
from billing.ledger.services import Entry, Posting, post_documents
from billing.payments.models import Allocation, Payment, PaymentItem
from tests.webapp.console.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db


def _pay(world: World, number: int, state: str = "succeeded") -> Any:
    with world.alpha.inside():
        invoice = world.alpha.invoice(number)
        payment = Payment.objects.create(
            client=invoice.client,
            payer=world.alpha.people["ada"],
            state=state,
            currency="EUR",
            amount=invoice.total,
            gateway="sandbox",
            account="a",
            method_type="card",
            last4="4242",
            receipt_number=f"R-{number}" if state == "succeeded" else None,
            succeeded_at=timezone.now() if state == "succeeded" else None,
        )
        PaymentItem.objects.create(
            payment=payment, invoice=invoice, amount=invoice.total, is_live=False
        )
        if state == "succeeded":
            Allocation.objects.create(payment=payment, invoice=invoice, amount=invoice.total)
    return payment


def test_lists_payments_by_state_and_words(world: World) -> None:
    _pay(world, 1)
    _pay(world, 2, state="failed")
    owner = world.alpha.browser("owner")
    assert "2 payments" in words(owner.get("/payments/"))
    # One is one: nothing to count, and no "1 to 1 of 1".
    failed = words(owner.get("/payments/", {"state": "failed"}))
    assert "2026-0002" in failed
    assert "1 payments" not in failed
    assert "R-1" not in failed
    assert "R-1" in words(owner.get("/payments/", {"q": "2026-0001"}))
    assert "No payment fits" in words(owner.get("/payments/", {"q": "nobody\x00"}))


def test_shows_one_and_its_receipt(world: World) -> None:
    payment = _pay(world, 1)
    owner = world.alpha.browser("owner")
    page = words(owner.get(f"/payments/{payment.pk}/"))
    assert "paid €544.50" in page
    assert "4242" in page
    receipt = owner.get(f"/payments/{payment.pk}/receipt/")
    assert receipt.content.startswith(b"%PDF")


def test_says_once_where_the_money_went(world: World) -> None:
    payment = _pay(world, 1)
    owner = world.alpha.browser("owner")
    page = words(owner.get(f"/payments/{payment.pk}/"))
    assert page.count(">Invoice 2026-0001<") == 1
    assert "Where the money went" not in page
    failed = _pay(world, 2, state="failed")
    assert ">Invoice 2026-0002<" in words(owner.get(f"/payments/{failed.pk}/"))
    with world.alpha.inside():
        # More came than was open: what is left is the client's credit.
        client, one = payment.client_id, Decimal(1)
        entries = [Entry(Account.CLEARING, one), Entry(Account.CLIENT_CREDIT, -one, client)]
        kind = LedgerTransaction.Kind.PAYMENT
        post_documents(postings=[Posting(kind, payment.pk, "EUR", entries)])
    assert "Kept as credit of the client" in words(owner.get(f"/payments/{payment.pk}/"))


def test_what_did_not_arrive_has_no_receipt(world: World) -> None:
    payment = _pay(world, 1, state="failed")
    answer = world.alpha.browser("owner").get(f"/payments/{payment.pk}/receipt/")
    assert answer.status_code == 404


def test_an_attorney_sees_no_payment_of_another_client(world: World) -> None:
    payment = _pay(world, 2)
    attorney = world.alpha.browser("attorney")
    assert attorney.get(f"/payments/{payment.pk}/").status_code == 404
    assert attorney.get(f"/payments/{payment.pk}/receipt/").status_code == 404
    assert "No payments yet" in words(attorney.get("/payments/"))


def test_another_firms_payment_is_not_found(world: World) -> None:
    payment = _pay(world, 1)
    assert world.beta.browser("owner").get(f"/payments/{payment.pk}/").status_code == 404
