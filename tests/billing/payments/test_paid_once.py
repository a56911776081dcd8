"""Whatever the gateway sends, however often and in whatever order: an invoice is paid once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser

from billing.credit_notes.services import credit_lines
from billing.gateway.models import GatewayEvent
from billing.gateway.sandbox.services import fail, pay_with_card, settle
from billing.invoices.models import Invoice
from billing.invoices.services.states import WrongInvoiceState
from billing.ledger.selectors import held_for
from billing.payments.dispatch import process_event
from billing.payments.models import Allocation, Payment
from billing.payments.services.reconciling import check_payment, reconcile_payments
from infra.common.money import Money
from infra.events.models import StoredEvent
from infra.events.relay import deliver_due
from infra.tenancy.firm_context import in_public
from tests.billing.paying import begin, events, post_event
from tests.world import FirmWorld, World

OK = "4242424242424242"
LATER = "4000000000000341"


@pytest.fixture
def alpha(world: World, no_delivery: None) -> FirmWorld:
    return world.alpha


def _process_all() -> None:
    with in_public():
        waiting = list(
            GatewayEvent.objects.filter(state=GatewayEvent.State.RECEIVED)
            .order_by("received_at")
            .values_list("pk", flat=True)
        )
    for event_id in waiting:
        process_event(event_id)


def _assert_paid_once(alpha: FirmWorld) -> None:
    with alpha.inside():
        invoice = alpha.invoice()
        assert (invoice.status, invoice.balance) == (Invoice.Status.PAID, Decimal(0))
        assert [part.amount for part in Allocation.objects.all()] == [Decimal("544.50")]
        assert StoredEvent.objects.filter(name="payment.succeeded").count() == 1


def test_paying_marks_the_invoice_paid_and_mails_a_receipt(
    alpha: FirmWorld, mailoutbox: list[object]
) -> None:
    with alpha.inside():
        started = begin(alpha)
    pay_with_card(started.payment.session_id, OK)
    for event_id in events():
        assert post_event(event_id).status_code == 200
    _process_all()
    _assert_paid_once(alpha)
    with alpha.inside():
        payment = Payment.objects.get()
        assert payment.state == Payment.State.SUCCEEDED
        assert payment.receipt_number == "2026-0001"
        assert payment.last4 == "4242"
        deliver_due()
    receipt = next(mail for mail in mailoutbox if "Receipt" in mail.subject)  # type: ignore[attr-defined]
    assert receipt.to == ["ada@alpha.test"]  # type: ignore[attr-defined]
    assert receipt.attachments[-1][1].startswith(b"%PDF")  # type: ignore[attr-defined]


def test_owner_and_billing_hear_of_money_and_nobody_else_of_the_firm(
    alpha: FirmWorld, mailoutbox: list[Any]
) -> None:
    with alpha.inside():
        started = begin(alpha)
        pay_with_card(started.payment.session_id, OK)
        check_payment(payment=started.payment)
        deliver_due()
    told = [mail.to for mail in mailoutbox if mail.subject.startswith("Payment received")]
    assert sorted(told) == [["billing@alpha.test"], ["owner@alpha.test"]]


def test_an_event_sent_fifty_times_counts_once(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
    pay_with_card(started.payment.session_id, OK)
    for event_id in events() * 50:
        assert post_event(event_id).status_code == 200
    _process_all()
    with in_public():
        assert GatewayEvent.objects.count() == len(events())
    _assert_paid_once(alpha)


def test_events_in_reverse_order_and_processed_twice_change_nothing(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
    pay_with_card(started.payment.session_id, OK)
    for event_id in reversed(events()):
        post_event(event_id)
    _process_all()
    with in_public():
        GatewayEvent.objects.update(state=GatewayEvent.State.RECEIVED)
    _process_all()
    _assert_paid_once(alpha)


def test_the_reconciler_finds_a_payment_whose_events_were_lost(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
    pay_with_card(started.payment.session_id, OK)
    with alpha.inside():
        Payment.objects.update(checked_at="2026-01-01T00:00:00Z")
        assert reconcile_payments() == 1
    _assert_paid_once(alpha)


def test_a_crash_before_the_page_was_known_is_mended(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
        Payment.objects.update(session_id="", session_url="", state=Payment.State.CREATING)
    pay_with_card(started.payment.session_id, OK)
    with alpha.inside():
        check_payment(payment=Payment.objects.get())
    _assert_paid_once(alpha)


def test_a_slow_method_is_processing_until_the_money_is_there(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
    pay_with_card(started.payment.session_id, LATER)
    with alpha.inside():
        check_payment(payment=started.payment)
        assert Payment.objects.get().state == Payment.State.PROCESSING
        assert alpha.invoice().balance == Decimal("544.50")
    settle(started.payment.session_id)
    with alpha.inside():
        check_payment(payment=started.payment)
    _assert_paid_once(alpha)


def test_a_slow_method_that_fails_reopens_and_tells_the_payer(
    alpha: FirmWorld, mailoutbox: list[object]
) -> None:
    with alpha.inside():
        started = begin(alpha)
    pay_with_card(started.payment.session_id, LATER)
    with alpha.inside():
        check_payment(payment=started.payment)
    fail(started.payment.session_id)
    with alpha.inside():
        check_payment(payment=started.payment)
        assert Payment.objects.get().state == Payment.State.FAILED
        assert alpha.invoice().balance == Decimal("544.50")
        deliver_due()
        assert begin(alpha).payment.state == Payment.State.OPEN
    assert [mail.subject for mail in mailoutbox] == ["Your payment did not arrive"]  # type: ignore[attr-defined]


def test_a_part_payment_leaves_the_rest_open(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha, Decimal("44.50"))
    pay_with_card(started.payment.session_id, OK)
    with alpha.inside():
        check_payment(payment=started.payment)
        invoice = alpha.invoice()
        assert (invoice.status, invoice.balance) == (Invoice.Status.PARTIALLY_PAID, Decimal(500))


def test_money_that_came_although_nothing_was_open_is_the_clients_credit(alpha: FirmWorld) -> None:
    with alpha.inside():
        started = begin(alpha)
        # As an expiry would, so that a part may be credited before the news of the money comes.
        started.payment.items.update(is_live=False)
        credit_lines(
            invoice=alpha.invoice(),
            amounts={1: Decimal(400)},
            reason="Agreed",
            seen=Decimal(0),
            by=alpha.people["owner"],
        )
    pay_with_card(started.payment.session_id, OK)
    with alpha.inside():
        check_payment(payment=started.payment)
        parts = {part.invoice_id: part.amount for part in Allocation.objects.all()}
        assert parts == {alpha.invoice().pk: Decimal("60.50")}
        assert held_for(alpha.client()) == [Money(Decimal("484.00"), "EUR")]
        assert alpha.invoice().status == Invoice.Status.PAID


def test_a_forged_event_is_refused_and_not_kept(alpha: FirmWorld) -> None:
    answer = Browser(headers={"host": "portico.localhost"}).post(
        "/hooks/sandbox/",
        data=b'{"id":"evt_1"}',
        content_type="application/json",
        headers={"stripe-signature": "t=1,v1=00"},
    )
    assert answer.status_code == 400
    with in_public():
        assert not GatewayEvent.objects.exists()


def test_an_event_of_an_unknown_account_is_set_aside(alpha: FirmWorld) -> None:
    with in_public():
        event = GatewayEvent.objects.create(
            gateway="sandbox",
            account="acct_nobody",
            event_id="evt_x",
            type="x",
            object_id="cs_x",
            livemode=False,
            payload={},
        )
    process_event(event.pk)
    with in_public():
        event.refresh_from_db()
        assert (event.state, event.error) == ("ignored", "no firm has this account")


def test_the_state_machine_refuses_what_is_not_lawful(alpha: FirmWorld) -> None:
    from billing.invoices.services.states import move_invoice

    with alpha.inside():
        invoice = alpha.invoice()
        invoice.status = Invoice.Status.VOID
        with pytest.raises(WrongInvoiceState):
            move_invoice(invoice, Invoice.Status.PAID, by=None)
