"""Which change of an invoice's state is lawful, and that services and pages ask the same rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from billing.credit_notes.policy import can_credit
from billing.credit_notes.services import credit_lines, credit_whole_invoice
from billing.gateway.interface import RemotePayment, RemoteState
from billing.invoices.models import Invoice, InvoiceTransition
from billing.invoices.policy import can_void, can_write_off
from billing.invoices.services.drafting import LineDraft, create_draft
from billing.invoices.services.issuing import issue_invoice, void_invoice, write_off_invoice
from billing.invoices.services.states import WrongInvoiceState, move_invoice
from billing.payments.services.applying import apply_remote
from infra.common.errors import Conflict
from infra.common.money import Money
from tests.billing.paying import begin
from tests.world import FirmWorld, World


@pytest.fixture
def alpha(world: World, no_delivery: None) -> FirmWorld:
    return world.alpha


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("written_off", "partially_paid"),
        ("paid", "open"),
        ("paid", "partially_paid"),
        ("partially_paid", "open"),
        ("void", "open"),
        ("credited", "open"),
        ("open", "draft"),
    ],
)
def test_nothing_goes_back_that_the_ledger_could_not_follow(
    alpha: FirmWorld, before: str, after: str
) -> None:
    with alpha.inside():
        invoice = alpha.invoice()
        count = InvoiceTransition.objects.count()
        invoice.status = before
        with pytest.raises(WrongInvoiceState):
            move_invoice(invoice, after, by=None)
        assert invoice.status == before
        assert InvoiceTransition.objects.count() == count


def _of(alpha: FirmWorld, amount: int) -> Invoice:
    line = LineDraft(kind="fixed_fee", description="Fee", amount=Decimal(amount))
    owner = alpha.people["owner"]
    draft = create_draft(client=alpha.client(), currency="EUR", lines=[line], by=owner)
    return issue_invoice(invoice=draft, by=owner)


def _paid(alpha: FirmWorld, part: Decimal | None) -> Invoice:
    payment = begin(alpha, part).payment
    came = Money(payment.amount, "EUR")
    remote = RemotePayment(payment.session_id, RemoteState.SUCCEEDED, came)
    apply_remote(payment_id=payment.pk, remote=remote)
    return alpha.invoice()


def _partly_credited(alpha: FirmWorld) -> Invoice:
    credit_lines(
        invoice=alpha.invoice(),
        amounts={1: Decimal(1)},
        reason="No",
        seen=Decimal(0),
        by=alpha.people["owner"],
    )
    return alpha.invoice()


def _ended(end: Callable[..., Any]) -> Callable[[FirmWorld], Invoice]:
    def make(alpha: FirmWorld) -> Invoice:
        end(invoice=alpha.invoice(), reason="No", by=alpha.people["owner"])
        return alpha.invoice()

    return make


CASES: dict[str, Callable[[FirmWorld], Invoice]] = {
    "draft": lambda alpha: alpha.draft(),
    "open": lambda alpha: alpha.invoice(),
    "over nothing": lambda alpha: _of(alpha, 0),
    "negative": lambda alpha: _of(alpha, -5),
    "partly paid": lambda alpha: _paid(alpha, Decimal(100)),
    "paid": lambda alpha: _paid(alpha, None),
    "partly credited": _partly_credited,
    "credited": _ended(credit_whole_invoice),
    "void": _ended(void_invoice),
    "written off": _ended(write_off_invoice),
}


@pytest.mark.parametrize("case", CASES)
def test_a_service_does_what_the_policy_offers_and_refuses_the_rest(
    alpha: FirmWorld, case: str
) -> None:
    owner = alpha.people["owner"]
    pairs: list[tuple[Callable[..., bool], Callable[..., Any], str]] = [
        (can_void, void_invoice, "void"),
        (can_write_off, write_off_invoice, "written_off"),
        (can_credit, credit_whole_invoice, "credited"),
    ]
    with alpha.inside():
        invoice = CASES[case](alpha)
        for policy, service, status in pairs:
            before = InvoiceTransition.objects.count()
            offered = policy(owner, invoice)
            try:
                with transaction.atomic():
                    service(invoice=invoice, reason="No", by=owner)
                    done = InvoiceTransition.objects.count() > before
                    now = Invoice.objects.get(pk=invoice.pk).status
                    assert now == status
                    transaction.set_rollback(True)
            except Conflict:
                done = False
            assert (status, done) == (status, offered)
            assert InvoiceTransition.objects.count() == before
