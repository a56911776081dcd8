"""Crediting an issued invoice: numbers, what is open afterwards, state, mail, paper, refusals."""

from __future__ import annotations

import io
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from pypdf import PdfReader

from billing.credit_notes.calculation import NotCreditable
from billing.credit_notes.models import CreditNote, CreditNoteLine
from billing.credit_notes.pdf import keep_credit_note_pdf
from billing.credit_notes.selectors import what_is_left
from billing.credit_notes.services import (
    CreditedMeanwhile,
    NothingLeftToCredit,
    credit_lines,
    credit_whole_invoice,
)
from billing.gateway.sandbox.services import pay_with_card
from billing.invoices.models import Invoice, InvoiceLine, InvoiceTransition
from billing.invoices.services.issuing import (
    PartlyCredited,
    PaymentUnderWay,
    send_invoice,
    unshare_invoice,
    void_invoice,
    write_off_invoice,
)
from billing.invoices.services.states import WrongInvoiceState
from billing.ledger.selectors import held_for, held_from
from billing.numbering.models import NumberSeries
from billing.payments.models import Allocation
from billing.payments.services.reconciling import check_payment
from infra.audit.models import AuditEvent
from infra.common.errors import Invalid, NotAllowed
from infra.common.money import Money
from infra.events.models import StoredEvent
from infra.events.relay import deliver_due
from tests.billing.paying import begin
from tests.world import FirmWorld, World

NONE = Decimal(0)


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _whole(alpha: FirmWorld, by: str = "owner") -> CreditNote:
    return credit_whole_invoice(invoice=alpha.invoice(), reason="Billed twice", by=alpha.people[by])


def _part(alpha: FirmWorld, amounts: dict[int, str], seen: Decimal = NONE) -> CreditNote:
    return credit_lines(
        invoice=alpha.invoice(),
        amounts={position: Decimal(amount) for position, amount in amounts.items()},
        reason="Agreed on the phone",
        seen=seen,
        by=alpha.people["billing"],
    )


def _pay(alpha: FirmWorld, amount: str | None = None) -> None:
    started = begin(alpha, Decimal(amount) if amount else None)
    pay_with_card(started.payment.session_id, "4242424242424242")
    check_payment(payment=started.payment)


def _standing(invoice: Invoice) -> tuple[str, Decimal, Decimal]:
    return invoice.status, invoice.credited_total, invoice.balance


def test_crediting_the_whole_leaves_nothing_open(alpha: FirmWorld) -> None:
    with alpha.inside():
        note = _whole(alpha)
        assert (note.number, note.total) == ("CN-2026-0001", Decimal("544.50"))
        assert (note.net_total, note.vat_total) == (Decimal("450.00"), Decimal("94.50"))
        assert (note.offset_total, note.surplus_total) == (Decimal("544.50"), NONE)
        invoice = alpha.invoice()
        assert _standing(invoice) == ("credited", Decimal("544.50"), NONE)
        move = InvoiceTransition.objects.filter(invoice=invoice).latest("at")
        assert (move.from_status, move.to_status, move.reason) == ("open", "credited", note.number)
        event = AuditEvent.objects.get(action="credit_note.issued")
        assert (event.object_id, event.client_id) == (note.pk, invoice.client_id)


def test_a_part_lowers_what_is_open(alpha: FirmWorld) -> None:
    with alpha.inside():
        note = _part(alpha, {1: "100"})
        assert note.total == Decimal("121.00")
        assert _standing(alpha.invoice()) == ("open", Decimal("121.00"), Decimal("423.50"))
        assert [(part.rate, part.amount) for part in note.vat.all()] == [(21, 21)]
        left = what_is_left(alpha.invoice())
        assert [line.left for line in left.lines] == [Decimal("300.00"), Decimal("50.00")]


def test_parts_and_the_rest_are_the_whole(alpha: FirmWorld) -> None:
    with alpha.inside():
        _part(alpha, {1: "33.33"})
        _part(alpha, {1: "0.01", 2: "50"}, seen=what_is_left(alpha.invoice()).credited)
        rest = _whole(alpha)
        assert rest.number == "CN-2026-0003"
        assert _standing(alpha.invoice()) == ("credited", Decimal("544.50"), NONE)
        assert sum(note.total for note in CreditNote.objects.all()) == Decimal("544.50")


def test_what_was_paid_already_is_held_for_the_client(alpha: FirmWorld) -> None:
    with alpha.inside():
        _pay(alpha, "500.00")
        note = _whole(alpha)
        assert (note.offset_total, note.surplus_total) == (Decimal("44.50"), Decimal("500.00"))
        invoice = alpha.invoice()
        assert (invoice.status, invoice.paid_total, invoice.balance) == ("credited", 500, NONE)


def test_crediting_the_unpaid_rest_makes_it_paid(alpha: FirmWorld) -> None:
    with alpha.inside():
        _pay(alpha, "423.50")
        _part(alpha, {1: "100"})
        assert _standing(alpha.invoice()) == ("paid", Decimal("121.00"), NONE)


def test_a_part_of_a_paid_invoice_is_held_whole(alpha: FirmWorld) -> None:
    with alpha.inside():
        _pay(alpha)
        note = _part(alpha, {2: "50"})
        assert (note.offset_total, note.surplus_total) == (NONE, Decimal("60.50"))
        assert _standing(alpha.invoice()) == ("paid", NONE, NONE)


def test_a_written_off_invoice_can_be_credited(alpha: FirmWorld) -> None:
    with alpha.inside():
        write_off_invoice(invoice=alpha.invoice(), reason="Gone", by=alpha.people["owner"])
        _part(alpha, {2: "50"})
        assert alpha.invoice().status == "written_off"
        _whole(alpha)
        assert _standing(alpha.invoice()) == ("credited", Decimal("544.50"), NONE)


def test_a_part_of_what_was_given_up_that_comes_late_does_not_ask_for_the_rest(
    alpha: FirmWorld, no_delivery: None
) -> None:
    with alpha.inside():
        started = begin(alpha, Decimal("44.50"))
        pay_with_card(started.payment.session_id, "4242424242424242")
        # Written off the page's attempt, as an expiry would, before the news of the money came.
        started.payment.items.update(is_live=False)
        write_off_invoice(invoice=alpha.invoice(), reason="Gone", by=alpha.people["owner"])
        check_payment(payment=started.payment)
        invoice = alpha.invoice()
        assert (invoice.status, invoice.paid_total) == ("written_off", Decimal("44.50"))
        assert not Invoice.objects.payable().filter(pk=invoice.pk).exists()
        _whole(alpha)
        assert alpha.invoice().status == "credited"


def test_money_that_comes_after_crediting_is_kept_for_the_client(
    alpha: FirmWorld, no_delivery: None
) -> None:
    with alpha.inside():
        started = begin(alpha)
        pay_with_card(started.payment.session_id, "4242424242424242")
        # Written off the page's attempt, as an expiry would, before the news of the money came.
        started.payment.items.update(is_live=False)
        _whole(alpha)
        check_payment(payment=started.payment)
        assert not Allocation.objects.filter(payment=started.payment).exists()
        assert held_for(alpha.client()) == [Money(Decimal("544.50"), "EUR")]
        assert held_from(started.payment.pk) == Decimal("544.50")
        assert alpha.invoice().status == "credited"


def test_refuses_while_somebody_pays(alpha: FirmWorld) -> None:
    with alpha.inside():
        begin(alpha)
        for credit in (lambda: _whole(alpha), lambda: _part(alpha, {1: "1"})):
            with pytest.raises(PaymentUnderWay):
                credit()
        assert not CreditNote.objects.exists()
        assert not NumberSeries.objects.filter(code="credit_note").exists()


def test_refuses_a_draft_a_void_one_and_a_credited_one(alpha: FirmWorld) -> None:
    owner = alpha.people["owner"]
    with alpha.inside():
        with pytest.raises(WrongInvoiceState):
            credit_whole_invoice(invoice=alpha.draft(), reason="No", by=owner)
        void_invoice(invoice=alpha.invoice(2), reason="No", by=owner)
        with pytest.raises(WrongInvoiceState):
            credit_whole_invoice(invoice=alpha.invoice(2), reason="No", by=owner)
        _whole(alpha)
        with pytest.raises(NothingLeftToCredit):
            _whole(alpha)
        assert CreditNote.objects.count() == 1


def test_what_is_credited_in_part_is_not_declared_void(alpha: FirmWorld) -> None:
    with alpha.inside():
        _part(alpha, {1: "100"})
        with pytest.raises(PartlyCredited):
            void_invoice(invoice=alpha.invoice(), reason="No", by=alpha.people["owner"])
        assert alpha.invoice().status == "open"


def test_a_part_asked_for_twice_is_credited_once(alpha: FirmWorld) -> None:
    with alpha.inside():
        _part(alpha, {1: "100"})
        with pytest.raises(CreditedMeanwhile):
            _part(alpha, {1: "100"})
        assert alpha.invoice().credited_total == Decimal("121.00")


def test_refuses_more_than_a_line_and_no_reason_and_uses_no_number(alpha: FirmWorld) -> None:
    with alpha.inside():
        with pytest.raises(NotCreditable):
            _part(alpha, {2: "50.01"})
        with pytest.raises(Invalid) as caught:
            credit_whole_invoice(invoice=alpha.invoice(), reason="  ", by=alpha.people["owner"])
        assert list(caught.value.fields) == ["reason"]
        assert _standing(alpha.invoice()) == ("open", NONE, Decimal("544.50"))
        assert not NumberSeries.objects.filter(code="credit_note").exists()
        assert not StoredEvent.objects.exists()


@pytest.mark.parametrize("person", ["attorney", "assistant", "ada"])
def test_refuses_who_may_not_bill(alpha: FirmWorld, person: str) -> None:
    with alpha.inside():
        with pytest.raises(NotAllowed):
            _whole(alpha, by=person)
        assert not CreditNote.objects.exists()
        assert not StoredEvent.objects.exists()


def test_the_client_hears_of_it_and_finds_it_in_the_portal(
    alpha: FirmWorld, mailoutbox: list[Any]
) -> None:
    with alpha.inside():
        note = _part(alpha, {1: "100"})
        deliver_due()
        note.refresh_from_db()
        assert len(note.pdf_sha256) == 64
        assert note.pdf_file.startswith(str(alpha.ref.id))
    mail = mailoutbox[0]
    assert mail.to == ["ada@alpha.test"]
    assert mail.subject == "Credit note CN-2026-0001 from Alpha canary-alpha-7q"
    assert "€423.50" in mail.body
    assert f"/invoices/{note.invoice_id}/" in mail.body
    # What it was for is confidential: it stands behind the sign-in.
    assert "Agreed on the phone" not in mail.body
    assert mail.attachments == []


def test_the_mail_tells_a_part_from_the_whole_and_says_what_is_held(
    alpha: FirmWorld, mailoutbox: list[Any]
) -> None:
    with alpha.inside():
        _pay(alpha)
        deliver_due()
        mailoutbox.clear()
        _part(alpha, {2: "50"})
        deliver_due()
        _whole(alpha)
        deliver_due()
    part, whole = (mail.body for mail in mailoutbox)
    assert "We credited part of invoice 2026-0001. You owe nothing for it." in part
    assert "you had already paid €60.50: we hold that sum for you." in part
    assert "We credited invoice 2026-0001. You owe nothing for it." in whole
    # All 544.50 was paid; this note says what it adds to what is held.
    assert "you had already paid €484.00: we hold that sum for you." in whole


def test_an_invoice_outside_the_portal_brings_its_credit_note_by_mail(
    alpha: FirmWorld, mailoutbox: list[Any]
) -> None:
    owner = alpha.people["owner"]
    with alpha.inside():
        send_invoice(invoice=alpha.invoice(), by=owner)
        unshare_invoice(invoice=alpha.invoice(), by=owner)
        deliver_due()
        mailoutbox.clear()
        _whole(alpha)
        deliver_due()
    assert [name for name, _content, _kind in mailoutbox[0].attachments] == [
        "alpha-CN-2026-0001.pdf"
    ]


def test_nobody_hears_of_a_credit_on_what_they_never_got(
    alpha: FirmWorld, mailoutbox: list[Any]
) -> None:
    with alpha.inside():
        unshare_invoice(invoice=alpha.invoice(), by=alpha.people["owner"])
        _whole(alpha)
        assert deliver_due() == 1
    assert mailoutbox == []


def test_the_paper_says_what_for_why_and_how_much_and_nothing_internal(alpha: FirmWorld) -> None:
    with alpha.inside():
        note = _part(alpha, {1: "100"})
        paper = keep_credit_note_pdf(note)
        assert keep_credit_note_pdf(CreditNote.objects.get(pk=note.pk)) == paper
    reader = PdfReader(io.BytesIO(paper))
    text = " ".join(page.extract_text() for page in reader.pages)
    for words in (
        "Credit note CN-2026-0001",
        "For invoice 2026-0001 of 31 October 2026",
        "Agreed on the phone",
        "€121.00",
        "VAT to be paid back to the State",
    ):
        assert words in " ".join(text.split())
    assert "secret-note" not in text
    assert "77.77" not in text
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_the_paper_keeps_the_breaks_of_a_description(alpha: FirmWorld) -> None:
    with alpha.inside():
        InvoiceLine.objects.filter(invoice=alpha.invoice(), position=2).update(
            description="Copies of 3 October<b>\nand of 5 October"
        )
        paper = keep_credit_note_pdf(_part(alpha, {2: "50"}))
    text = PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    assert "Copies of 3 October<b>\n" in text


def test_what_it_says_cannot_be_changed_nor_deleted(alpha: FirmWorld) -> None:
    with alpha.inside():
        note = _whole(alpha)
        for change in (
            lambda: CreditNote.objects.filter(pk=note.pk).update(total=1),
            lambda: CreditNote.objects.filter(pk=note.pk).update(reason="x"),
            lambda: CreditNoteLine.objects.filter(credit_note=note).update(amount=1),
            lambda: note.vat.update(amount=1),
            lambda: note.vat.all()._raw_delete("default"),
            lambda: CreditNote.objects.filter(pk=note.pk)._raw_delete("default"),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_the_database_knows_what_credited_means(alpha: FirmWorld) -> None:
    with alpha.inside():
        invoices = Invoice.objects.filter(pk=alpha.invoice().pk)
        for wrong in ({"status": "credited"}, {"credited_total": Decimal("544.51")}):
            with pytest.raises(IntegrityError), transaction.atomic():
                invoices.update(**wrong)


def test_many_who_credit_at_once_credit_once(committed_world: World) -> None:
    alpha = committed_world.alpha
    gate = threading.Barrier(12)
    answers: list[Any] = []

    def press(number: int) -> None:
        try:
            with alpha.inside():
                gate.wait(timeout=30)
                answers.append(_part(alpha, {1: "100"}) if number % 2 else _whole(alpha))
        except (CreditedMeanwhile, NothingLeftToCredit, NotCreditable) as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12
    with alpha.inside():
        notes = list(CreditNote.objects.order_by("number"))
        assert [note.number for note in notes] == [
            f"CN-2026-{at:04d}" for at in range(1, len(notes) + 1)
        ]
        assert len(notes) in (1, 2)
        assert sum(note.total for note in notes) == alpha.invoice().credited_total
        assert _standing(alpha.invoice()) == ("credited", Decimal("544.50"), NONE)
