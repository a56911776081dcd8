"""From draft to bill: numbers, dates, sending, sharing, void."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from billing.credit_notes.services import credit_lines
from billing.invoices.models import Invoice, InvoiceTransition
from billing.invoices.policy import can_write_off
from billing.invoices.services.drafting import LineDraft, create_draft, delete_draft
from billing.invoices.services.issuing import (
    PaymentUnderWay,
    issue_invoice,
    send_invoice,
    share_invoice,
    unshare_invoice,
    void_invoice,
    write_off_invoice,
)
from billing.invoices.services.settings import save_billing_settings
from billing.invoices.services.states import WrongInvoiceState
from billing.numbering.models import NumberSeries
from billing.payments.integrity_checks import book_errors
from infra.audit.models import AuditEvent
from infra.common.errors import Invalid, NotAllowed
from infra.events.models import Delivery, StoredEvent
from infra.events.relay import deliver_due
from tests.billing.paying import begin
from tests.world import FirmWorld, World, lines


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _draft(alpha: FirmWorld, by: str = "owner") -> Invoice:
    return create_draft(
        client=alpha.client(), currency="EUR", lines=lines("alpha"), by=alpha.people[by]
    )


def test_a_draft_has_no_number_and_its_sums(alpha: FirmWorld) -> None:
    with alpha.inside():
        draft = _draft(alpha)
        assert (draft.number, draft.status) == (None, "draft")
        assert (draft.net_total, draft.vat_total, draft.total) == (
            Decimal("450.00"),
            Decimal("94.50"),
            Decimal("544.50"),
        )
        assert draft.balance == Decimal("544.50")


def test_issuing_gives_number_date_and_due_date(alpha: FirmWorld) -> None:
    with alpha.inside():
        invoice = issue_invoice(
            invoice=_draft(alpha), by=alpha.people["billing"], issue_date=date(2026, 11, 3)
        )
        assert (invoice.number, invoice.status) == ("2026-0003", "open")
        assert invoice.due_date == date(2026, 12, 3)
        moves = InvoiceTransition.objects.filter(invoice=invoice)
        assert [(m.from_status, m.to_status) for m in moves] == [("draft", "open")]
        assert AuditEvent.objects.filter(action="invoice.issued", object_id=invoice.pk).exists()


def test_issuing_twice_keeps_the_number(alpha: FirmWorld) -> None:
    with alpha.inside():
        draft = _draft(alpha)
        first = issue_invoice(invoice=draft, by=alpha.people["owner"])
        assert issue_invoice(invoice=draft, by=alpha.people["owner"]).number == first.number


def test_a_rolled_back_issue_leaves_no_gap(alpha: FirmWorld) -> None:
    with alpha.inside():
        before = NumberSeries.objects.get(code="invoice").next_number
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            issue_invoice(invoice=_draft(alpha), by=alpha.people["owner"])
            raise ZeroDivisionError
        assert NumberSeries.objects.get(code="invoice").next_number == before


def test_numbers_have_no_gaps_when_many_issue_at_once(committed_world: World) -> None:
    alpha = committed_world.alpha
    with alpha.inside():
        drafts = [_draft(alpha) for _turn in range(12)]

    def issue(draft: Invoice) -> None:
        try:
            with alpha.inside():
                issue_invoice(invoice=draft, by=alpha.people["owner"], issue_date=date(2026, 11, 1))
        finally:
            connection.close()

    threads = [threading.Thread(target=issue, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with alpha.inside():
        numbers = sorted(Invoice.objects.exclude(number=None).values_list("number", flat=True))
    assert numbers == [f"2026-{n:04d}" for n in range(1, 15)]


def test_sending_shares_mails_and_keeps_the_pdf(alpha: FirmWorld, mailoutbox: list[Any]) -> None:
    with alpha.inside():
        sent = send_invoice(invoice=_draft(alpha), by=alpha.people["owner"])
        assert sent.shared_at is not None
        deliver_due()
        sent.refresh_from_db()
        assert sent.pdf_file.startswith(str(alpha.ref.id))
        assert len(sent.pdf_sha256) == 64
    mail = mailoutbox[0]
    assert mail.to == ["ada@alpha.test"]
    assert f"/invoices/{sent.pk}/" in mail.body
    assert mail.subject == f"Invoice {sent.number} from Alpha canary-alpha-7q"
    html = mail.alternatives[0][0]
    assert f"/invoices/{sent.pk}/" in html
    assert "secret-note" not in mail.body + html


def test_with_manual_sharing_a_sent_invoice_is_not_shown(alpha: FirmWorld) -> None:
    with alpha.inside():
        save_billing_settings(changes={"invoice_sharing": "manual"}, by=alpha.people["owner"])
        sent = send_invoice(invoice=_draft(alpha), by=alpha.people["owner"])
        assert sent.shared_at is None
        ada = alpha.people["ada"]
        assert not Invoice.objects.visible_to(ada).filter(pk=sent.pk).exists()
        share_invoice(invoice=sent, by=alpha.people["owner"])
        assert Invoice.objects.visible_to(ada).filter(pk=sent.pk).exists()
        unshare_invoice(invoice=sent, by=alpha.people["owner"])
        assert not Invoice.objects.visible_to(ada).filter(pk=sent.pk).exists()


def test_a_draft_is_never_visible_to_a_client(alpha: FirmWorld) -> None:
    with alpha.inside():
        seen = Invoice.objects.visible_to(alpha.people["ada"])
        assert {invoice.status for invoice in seen} == {"open"}


def test_an_attorney_sees_assigned_clients_only(alpha: FirmWorld) -> None:
    with alpha.inside():
        seen = Invoice.objects.visible_to(alpha.people["attorney"])
        assert {invoice.client.code for invoice in seen} == {"C1"}


def test_a_draft_over_nothing_is_paid_as_soon_as_it_is_issued(alpha: FirmWorld) -> None:
    owner = alpha.people["owner"]
    fee = LineDraft(kind="fixed_fee", description="Fee", amount=Decimal(50))
    discount = LineDraft(kind="discount", description="Courtesy", amount=Decimal(50))
    with alpha.inside():
        draft = create_draft(client=alpha.client(), currency="EUR", lines=[fee, discount], by=owner)
        invoice = issue_invoice(invoice=draft, by=owner)
        invoice.refresh_from_db()
        assert (invoice.total, invoice.status) == (Decimal(0), "paid")
        moves = invoice.transitions.values_list("from_status", "to_status")
        assert list(moves) == [("draft", "open"), ("open", "paid")]
        assert issue_invoice(invoice=draft, by=owner).status == "paid"
        assert not can_write_off(owner, invoice)
        assert book_errors() == []


@pytest.mark.parametrize("role", ["attorney", "assistant", "ada"])
def test_refuses_people_who_do_not_manage_bills_to_delete_a_draft(
    alpha: FirmWorld, role: str
) -> None:
    with alpha.inside():
        draft = alpha.draft()
        with pytest.raises(NotAllowed):
            delete_draft(invoice=draft, by=alpha.people[role])
        assert alpha.draft() == draft
        assert not AuditEvent.objects.filter(action="invoice.draft_deleted").exists()


@pytest.mark.parametrize("role", ["attorney", "assistant", "ada"])
def test_refuses_people_who_do_not_manage_bills(alpha: FirmWorld, role: str) -> None:
    with alpha.inside():
        with pytest.raises(NotAllowed):
            send_invoice(invoice=alpha.draft(), by=alpha.people[role])
        assert alpha.draft().number is None
        assert not StoredEvent.objects.filter(name="invoice.sent").exists()


def test_refuses_to_delete_an_issued_invoice(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        with pytest.raises(WrongInvoiceState):
            delete_draft(invoice=alpha.invoice(), by=owner)


def test_voiding_keeps_the_number_and_needs_an_unpaid_invoice(
    alpha: FirmWorld, no_delivery: None
) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        voided = void_invoice(invoice=alpha.invoice(), reason="twice", by=owner)
        assert (voided.status, voided.number) == ("void", "2026-0001")
        assert voided.transitions.get(to_status="void").reason == "twice"
        begin(alpha, person="bob")
        with pytest.raises(PaymentUnderWay):
            void_invoice(invoice=alpha.invoice(2), reason="x", by=owner)


def test_writing_off_stops_it_being_payable(alpha: FirmWorld) -> None:
    with alpha.inside():
        write_off_invoice(invoice=alpha.invoice(), reason="agreed", by=alpha.people["owner"])
        assert not Invoice.objects.payable().filter(pk=alpha.invoice().pk).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"total": Decimal("1.00")},
        {"paid_total": Decimal("-1.00")},
        {"status": "paid"},
        {"status": "lost"},
        {"number": None},
    ],
)
def test_the_database_keeps_the_promises(alpha: FirmWorld, change: dict[str, Any]) -> None:
    with alpha.inside(), pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=alpha.invoice().pk).update(**change)


def test_refuses_an_unknown_currency_and_another_clients_matter(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        with pytest.raises(Invalid) as refusal:
            create_draft(client=alpha.client(), currency="XXQ", lines=lines("a"), by=owner)
        assert "currency" in refusal.value.fields
        with pytest.raises(Invalid) as refusal:
            create_draft(
                client=alpha.client(1),
                currency="EUR",
                lines=lines("a"),
                by=owner,
                matter=alpha.client(2).matters.get(),
            )
        assert "matter" in refusal.value.fields


def test_a_second_mail_says_what_is_left(alpha: FirmWorld, mailoutbox: list[Any]) -> None:
    with alpha.inside():
        invoice = alpha.invoice()
        credit_lines(
            invoice=invoice,
            amounts={1: Decimal(100)},
            reason="Agreed",
            seen=Decimal(0),
            by=alpha.people["owner"],
        )
        StoredEvent.objects.all().delete()
        send_invoice(invoice=invoice, by=alpha.people["owner"])
        deliver_due()
    assert "Left to pay: €423.50" in mailoutbox[0].body


@pytest.mark.parametrize("end", [void_invoice, write_off_invoice])
def test_what_ended_is_neither_sent_nor_delivered(
    alpha: FirmWorld, mailoutbox: list[Any], end: Callable[..., Invoice]
) -> None:
    owner = alpha.people["owner"]
    with alpha.inside():
        send_invoice(invoice=alpha.invoice(), by=owner)
        end(invoice=alpha.invoice(), reason="No", by=owner)
        deliver_due()
        with pytest.raises(WrongInvoiceState):
            send_invoice(invoice=alpha.invoice(), by=owner)
        assert not Delivery.objects.pending().exists()
    assert mailoutbox == []


def test_nothing_open_is_nothing_to_write_off(alpha: FirmWorld) -> None:
    owner = alpha.people["owner"]
    free = LineDraft(kind="time", description="A favour", amount=Decimal(0))
    with alpha.inside():
        draft = create_draft(client=alpha.client(), currency="EUR", lines=[free], by=owner)
        invoice = issue_invoice(invoice=draft, by=owner)
        with pytest.raises(WrongInvoiceState):
            write_off_invoice(invoice=invoice, reason="No", by=owner)
        assert not can_write_off(owner, invoice)
