"""What happened to an invoice, and what money came lately: for the firm's own pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Max
from django.utils import timezone

from billing.credit_notes.models import CreditNote
from billing.invoices.models import Invoice
from billing.payments.models import Payment
from billing.payments.selectors import find_payments
from infra.audit.models import AuditEvent
from infra.common.actor import Reader
from tenants.people.models import Contact

LATELY = timedelta(days=14)
# Told by the audit trail; changes of state are told by the transitions, money by its ledger.
TOLD = (
    "invoice.drafted",
    "invoice.changed",
    "invoice.sent",
    "invoice.shared",
    "invoice.unshared",
)
SEEN = ("invoice.viewed", "invoice.downloaded")


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened: ``kind`` is drafted, changed, sent, shared, unshared, imported,
    moved, paid, tried or credited; the rest is there where the kind has it."""

    at: datetime
    kind: str
    who: str = ""
    state: str = ""
    reason: str = ""
    amount: Decimal | None = None
    payment: UUID | None = None
    credit_note: CreditNote | None = None


@dataclass(frozen=True, slots=True)
class InvoiceReader:
    """Somebody of the client who opened the invoice: how often, and when last."""

    name: str
    times: int
    last: datetime


def _events(invoice: Invoice) -> Iterable[HistoryEntry]:
    for event in AuditEvent.objects.filter(object_id=invoice.pk, action__in=TOLD):
        yield HistoryEntry(event.at, event.action.removeprefix("invoice."), event.actor_label)
    imported = invoice.source == Invoice.Source.IMPORT
    for move in invoice.transitions.select_related("by"):
        if move.to_status == Invoice.Status.CREDITED:
            continue  # told by the credit note
        who = str(move.by) if move.by else ""
        if imported and move.from_status == Invoice.Status.DRAFT:
            yield HistoryEntry(move.at, "imported", who)
        else:
            yield HistoryEntry(move.at, "moved", who, state=move.to_status, reason=move.reason)


def _money(invoice: Invoice) -> Iterable[HistoryEntry]:
    payments = Payment.objects.filter(items__invoice=invoice).select_related("payer")
    allocated = {
        part.payment_id: part.amount
        for part in invoice.allocations.all()  # type: ignore[attr-defined]
    }
    for payment in payments:
        paid = payment.pk in allocated
        yield HistoryEntry(
            at=payment.succeeded_at if paid and payment.succeeded_at else payment.created_at,
            kind="paid" if paid else "tried",
            who=str(payment.payer) if payment.payer else "",
            state=payment.state,
            reason="" if paid else payment.failure_message,
            amount=allocated.get(payment.pk, payment.amount),
            payment=payment.pk,
        )


def _credits(invoice: Invoice) -> Iterable[HistoryEntry]:
    for note in CreditNote.objects.filter(invoice=invoice).select_related("created_by"):
        yield HistoryEntry(
            at=note.created_at,
            kind="credited",
            who=str(note.created_by) if note.created_by else "",
            reason=note.reason,
            amount=note.total,
            credit_note=note,
        )


def invoice_readers(invoice: Invoice) -> list[InvoiceReader]:
    """Who of the client opened or downloaded the invoice, from the audit trail, latest first."""
    people = Contact.objects.filter(client_id=invoice.client_id, user__isnull=False).values(
        "user_id"
    )
    rows = (
        AuditEvent.objects.filter(object_id=invoice.pk, action__in=SEEN, actor_id__in=people)
        .order_by()
        .values("actor_id", "actor_label")
        .annotate(times=Count("pk"), last=Max("at"))
        .order_by("-last")
    )
    return [InvoiceReader(row["actor_label"], row["times"], row["last"]) for row in rows]


def invoice_history(invoice: Invoice) -> list[HistoryEntry]:
    """Everything that happened to an invoice, oldest first; looking at it is told apart."""
    return sorted(
        [*_events(invoice), *_money(invoice), *_credits(invoice)], key=lambda entry: entry.at
    )


def paid_lately(user: Reader) -> Any:
    """Payments that arrived in the last two weeks, newest first."""
    return (
        find_payments(user)
        .filter(state=Payment.State.SUCCEEDED, succeeded_at__gte=timezone.now() - LATELY)
        .order_by("-succeeded_at")
    )


def list_payments(user: Reader, *, states: tuple[str, ...] = (), text: str = "") -> Any:
    """Payments by state and by words (client, receipt or invoice number), newest first."""
    found = find_payments(user)
    if states:
        found = found.filter(state__in=states)
    text = text.replace("\x00", "").strip()
    if text:
        by_invoice = Payment.objects.filter(items__invoice__number__icontains=text).values("pk")
        by_client = Payment.objects.filter(client__name__icontains=text).values("pk")
        by_receipt = Payment.objects.filter(receipt_number__icontains=text).values("pk")
        found = found.filter(pk__in=by_invoice.union(by_client, by_receipt))
    return found
