"""Whatever happens to invoices, and in whatever order: the ledger and the documents agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.credit_notes.models import CreditNote
from billing.credit_notes.selectors import what_is_left
from billing.credit_notes.services import credit_lines, credit_whole_invoice
from billing.gateway.interface import RemotePayment
from billing.invoices.models import Invoice
from billing.invoices.services.drafting import LineDraft, create_draft
from billing.invoices.services.issuing import issue_invoice, void_invoice, write_off_invoice
from billing.invoices.services.registering import IssuedInvoice, register_issued_invoices
from billing.ledger.models import Account, LedgerEntry
from billing.ledger.selectors import held_for
from billing.payments.integrity_checks import book_errors
from billing.payments.models import Allocation, Payment, PaymentItem
from billing.payments.services.applying import apply_remote
from infra.common.errors import DomainError
from infra.common.money import Money
from infra.tenancy.firm_context import as_owner
from tests.world import FirmWorld, World, lines

NOTHING = Decimal(0)


def _pay(firm: FirmWorld, invoices: list[Invoice], asked: Decimal, came: Decimal) -> None:
    """A payment that asked for so much of the first invoice and brought so much."""
    payment = Payment.objects.create(
        client=invoices[0].client,
        payer=firm.people["ada"],
        currency=invoices[0].currency,
        amount=asked,
        gateway="sandbox",
        account="a",
        session_id=uuid4().hex,
    )
    PaymentItem.objects.create(payment=payment, invoice=invoices[0], amount=asked)
    money = Money(came, payment.currency)
    apply_remote(
        payment_id=payment.pk, remote=RemotePayment(payment.session_id, "succeeded", money)
    )


def _issue(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    line = replace(lines("alpha")[1], amount=amount)
    owner = firm.people["owner"]
    draft = create_draft(client=firm.client(), currency="EUR", lines=[line], by=owner)
    issue_invoice(invoice=draft, by=owner)


def _import(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    line = LineDraft(kind="fixed_fee", description="Old", amount=amount - 150)
    issued = IssuedInvoice(
        client=firm.client(),
        number=uuid4().hex[:12],
        currency="EUR",
        issue_date=date(2026, 9, 1),
        lines=[line],
    )
    register_issued_invoices(invoices=[issued], import_id=uuid4(), by=firm.people["owner"])


def _pay_part(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    _pay(firm, [invoice], amount, amount)


def _pay_all(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    if invoice.balance > 0:
        _pay(firm, [invoice], invoice.balance, invoice.balance)


def _overpay(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    _pay(firm, [invoice], max(invoice.balance, Decimal(1)), max(invoice.balance, NOTHING) + amount)


def _credit_part(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    left = what_is_left(invoice)
    credit_lines(
        invoice=invoice,
        amounts={1: amount},
        reason="Agreed",
        seen=left.credited,
        by=firm.people["owner"],
    )


def _credit_all(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    credit_whole_invoice(invoice=invoice, reason="Agreed", by=firm.people["owner"])


def _void(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    void_invoice(invoice=invoice, reason="Mistake", by=firm.people["owner"])


def _write_off(firm: FirmWorld, invoice: Invoice, amount: Decimal) -> None:
    write_off_invoice(invoice=invoice, reason="Agreed", by=firm.people["owner"])


DEEDS: list[Callable[[FirmWorld, Invoice, Decimal], None]] = [
    _issue,
    _import,
    _pay_part,
    _pay_all,
    _overpay,
    _credit_part,
    _credit_all,
    _void,
    _write_off,
]
events = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, 3), st.integers(1, 30_000)),
    min_size=1,
    max_size=14,
)


def _balance(**which: Any) -> Decimal:
    found = LedgerEntry.objects.filter(**which).aggregate(sum=Sum("amount"))["sum"]
    return found or NOTHING


def _check(firm: FirmWorld) -> None:
    connection.check_constraints()  # what a commit checks
    assert book_errors() == []
    client = firm.client()
    documents = Invoice.objects.filter(client=client)
    for invoice in documents:
        open_sum = _balance(account=Account.RECEIVABLE, invoice_id=invoice.pk)
        lost = _balance(account=Account.WRITTEN_OFF, invoice_id=invoice.pk)
        asked = invoice.status not in ("draft", "void")
        assert open_sum + lost == (invoice.balance if asked else NOTHING)
        assert invoice.total < 0 or (open_sum >= 0 and lost >= 0)
        assert not (open_sum and lost)
    came = _balance(account=Account.CLEARING)
    allocated = Allocation.objects.aggregate(sum=Sum("amount"))["sum"] or NOTHING
    surplus = CreditNote.objects.aggregate(sum=Sum("surplus_total"))["sum"] or NOTHING
    held = sum((money.amount for money in held_for(client)), NOTHING)
    assert held == came - allocated + surplus >= 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=events)
def test_ledger_and_documents_agree_after_any_order_of_events(
    world: World, events: list[Any]
) -> None:
    alpha = world.alpha
    with transaction.atomic():
        before = transaction.savepoint()
        with alpha.inside():
            for deed, place, cents in events:
                issued = list(
                    Invoice.objects.filter(client=alpha.client())
                    .exclude(status="draft")
                    .select_related("client")
                    .order_by("created_at")
                )
                try:
                    with transaction.atomic():
                        deed(alpha, issued[place % len(issued)], Decimal(cents) / 100)
                except DomainError:
                    continue
                _check(alpha)
        transaction.savepoint_rollback(before)


def test_a_payment_on_what_was_given_up_lowers_what_was_given_up(world: World) -> None:
    with world.alpha.inside():
        owner, invoice = world.alpha.people["owner"], world.alpha.invoice()
        write_off_invoice(invoice=invoice, reason="Gone", by=owner)
        _pay(world.alpha, [invoice], Decimal(100), Decimal(100))
        lost = _balance(account=Account.WRITTEN_OFF, invoice_id=invoice.pk)
        assert (lost, _balance(account=Account.RECEIVABLE, invoice_id=invoice.pk)) == (
            Decimal("444.50"),
            NOTHING,
        )
        assert book_errors() == []


def test_ending_an_invoice_twice_posts_once(world: World) -> None:
    with world.alpha.inside():
        owner = world.alpha.people["owner"]
        for end, number in ((void_invoice, 1), (write_off_invoice, 2)):
            first, second = (
                end(invoice=world.alpha.invoice(number), reason="No", by=owner)
                for _turn in range(2)
            )
            assert first.status == second.status
        assert book_errors() == []


BREAKS = [
    ("UPDATE invoice SET paid_total = 1 WHERE paid_total = 0", "the ledger has what was paid"),
    (
        "UPDATE invoice SET credited_total = credited_total + 1 WHERE status <> 'paid'",
        "the ledger has what was credited",
    ),
    (
        "UPDATE invoice SET total = total + 1, net_total = net_total + 1 WHERE status <> 'paid'",
        "the ledger (receivable) has",
    ),
    ("UPDATE invoice SET status = 'void' WHERE status = 'open'", "the ledger (receivable) has"),
    ("UPDATE invoice SET status = 'written_off' WHERE status = 'open'", "the ledger (written_off)"),
    ("DELETE FROM ledger_entry WHERE account = 'revenue'", "a ledger transaction sums to zero"),
    ("DELETE FROM ledger_entry WHERE account = 'revenue'", "a ledger transaction has all"),
    ("DELETE FROM ledger_entry WHERE account = 'client_credit'", "a ledger transaction has all"),
    ("UPDATE ledger_entry SET amount = -amount", "nothing held for a client is below zero"),
    ("UPDATE ledger_transaction SET document_id = gen_random_uuid()", "the ledger names"),
    ("UPDATE ledger_transaction SET document_id = gen_random_uuid()", "money that came is posted"),
    ("UPDATE ledger_transaction SET document_id = gen_random_uuid()", "an allocation is in the"),
    ("UPDATE ledger_entry SET currency = 'USD'", "a posting on an invoice is for its client"),
    ("UPDATE ledger_entry SET currency = 'USD'", "what is held is for the client"),
    ("UPDATE allocation SET amount = amount + 1", "the ledger has what the payment brought"),
    ("UPDATE credit_note SET offset_total = 0, surplus_total = total", "the ledger has what the c"),
]


@pytest.mark.parametrize(("change", "promise"), BREAKS)
def test_a_side_that_somebody_changed_by_hand_is_found(
    world: World, change: str, promise: str
) -> None:
    alpha = world.alpha
    with alpha.inside():
        _pay(alpha, [alpha.invoice()], Decimal(100), Decimal(600))
        _credit_part(alpha, alpha.invoice(2), Decimal(10))
        _pay(alpha, [alpha.invoice()], Decimal(1), Decimal(1000))
        assert book_errors() == []
        connection.check_constraints()
    with as_owner(alpha.ref.schema), connection.cursor() as cursor:
        for table in ("ledger_entry", "ledger_transaction", "allocation", "credit_note"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(change)
        assert cursor.rowcount
        connection.check_constraints()
        for table in ("ledger_entry", "ledger_transaction", "allocation", "credit_note"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with alpha.inside():
        assert [error.promise for error in book_errors() if error.promise.startswith(promise)]
