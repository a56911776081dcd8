"""Credit an issued invoice, whole or in part: a document of its own, never a change of the bill."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.credit_notes.calculation import Left, credit_sums, offset_and_surplus
from billing.credit_notes.events import CreditNoteIssued
from billing.credit_notes.models import CreditNote, CreditNoteLine, CreditNoteVat
from billing.credit_notes.policy import is_creditable
from billing.credit_notes.selectors import what_is_left
from billing.invoices.holds import require_no_hold
from billing.invoices.models import Invoice
from billing.invoices.services.postings import credit_part
from billing.invoices.services.states import WrongInvoiceState, locked, move_invoice
from billing.ledger.models import Account, LedgerTransaction
from billing.ledger.services import Entry, Posting, post_documents
from billing.numbering.series import Series
from billing.numbering.services import take_number
from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Conflict, Invalid
from infra.events.services import emit
from infra.tenancy.locale_formats import today_of_firm
from tenants.firms.permissions import Permission
from tenants.people.models import User


class NothingLeftToCredit(Conflict):
    """Earlier credit notes took the whole invoice back."""

    message = _("Nothing is left to credit on this invoice.")


class CreditedMeanwhile(Conflict):
    """Another credit note was made since the person looked; nothing was done."""

    message = _(
        "Somebody credited this invoice while you were writing. Look at what is left and decide again."
    )


def credit_whole_invoice(*, invoice: Invoice, reason: str, by: User) -> CreditNote:
    """Take back all that is left of an invoice; who presses twice is told that nothing is left.

    Raises ``WrongInvoiceState``, ``PaymentUnderWay``, ``NothingLeftToCredit``, ``Invalid``.
    """
    with transaction.atomic():
        current, left = _creditable(invoice, by)
        return _issue(current, left, left.everything, reason, by)


def credit_lines(
    *, invoice: Invoice, amounts: Mapping[int, Decimal], reason: str, seen: Decimal, by: User
) -> CreditNote:
    """Take back ``amounts`` (line's position → net amount, in the invoice's currency).

    ``seen`` is how much was credited when the person looked (``Left.credited``), so that two who
    mean the same mistake, or one who presses twice, do not credit it twice. Raises as
    ``credit_whole_invoice`` does, and ``CreditedMeanwhile``, ``NotCreditable``.
    """
    with transaction.atomic():
        current, left = _creditable(invoice, by)
        if left.credited != seen:
            raise CreditedMeanwhile
        return _issue(current, left, amounts, reason, by)


def _creditable(invoice: Invoice, by: User) -> tuple[Invoice, Left]:
    require(by.may(Permission.MANAGE_BILLS, client_id=invoice.client_id))
    current = locked(invoice)
    if current.status in (Invoice.Status.DRAFT, Invoice.Status.VOID):
        raise WrongInvoiceState
    if not is_creditable(current):
        raise NothingLeftToCredit
    require_no_hold(current)
    return current, what_is_left(current)


def _issue(
    invoice: Invoice, left: Left, amounts: Mapping[int, Decimal], reason: str, by: User
) -> CreditNote:
    if not reason.strip():
        raise Invalid(fields={"reason": [str(_("Say why: it stands on the credit note."))]})
    sums = credit_sums(left, amounts)
    offset, surplus = offset_and_surplus(sums.gross, invoice.balance)
    day = today_of_firm()
    series, number = take_number(series=Series.CREDIT_NOTE, on=day, documents=Invoice.objects.all())
    note = CreditNote.objects.create(
        invoice=invoice,
        series=series,
        number=number,
        issue_date=day,
        reason=reason.strip(),
        net_total=sums.net,
        vat_total=sums.vat,
        total=sums.gross,
        offset_total=offset,
        surplus_total=surplus,
        created_by=by,
    )
    lines = dict(invoice.lines.values_list("position", "pk"))
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(credit_note=note, line_id=lines[position], amount=amount)
        for position, amount in amounts.items()
    )
    CreditNoteVat.objects.bulk_create(
        CreditNoteVat(credit_note=note, rate=group.rate, base=group.base, amount=group.amount)
        for group in sums.groups
    )
    _settle(invoice, note, is_whole=sums.gross == left.total, by=by)
    record_event(
        "credit_note.issued",
        by=by,
        about=note,
        client_id=invoice.client_id,
        meta={
            "invoice": str(invoice),
            "total": str(note.total),
            "currency": invoice.currency,
            "surplus": str(note.surplus_total),
        },
    )
    client_knows = bool(invoice.sent_at or invoice.shared_at)
    emit(CreditNoteIssued(credit_note=note.pk, client_knows_invoice=client_knows))
    return note


def _settle(invoice: Invoice, note: CreditNote, *, is_whole: bool, by: User) -> None:
    """Post the note. The state: credited once all was taken back, paid if the rest was paid."""
    rest = invoice.balance - note.offset_total
    entries = [
        Entry(Account.REVENUE, note.total),
        credit_part(invoice, note.offset_total),
        Entry(Account.CLIENT_CREDIT, -note.surplus_total, client_id=invoice.client_id),
    ]
    owed = (*Invoice.OPEN_STATES, Invoice.Status.WRITTEN_OFF)
    if is_whole:
        move_invoice(invoice, Invoice.Status.CREDITED, by=by, reason=note.number)
    elif rest == 0 and invoice.status in owed:
        move_invoice(invoice, Invoice.Status.PAID, by=by, reason=note.number)
    invoice.save(update_fields=["credited_total", "status"])
    kind = LedgerTransaction.Kind.CREDIT_NOTE
    post_documents(postings=[Posting(kind, note.pk, invoice.currency, entries)])
