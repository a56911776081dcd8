"""Write down what the gateway says of a payment: under lock, once, in whatever order it arrives."""

from __future__ import annotations

import logging
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from billing.gateway.interface import RemotePayment, RemoteState
from billing.invoices.models import Invoice
from billing.invoices.services.postings import pay_part
from billing.invoices.services.states import move_invoice
from billing.ledger.models import Account, LedgerTransaction
from billing.ledger.services import Entry, Posting, post_documents
from billing.numbering.series import Series
from billing.numbering.services import take_number
from billing.payments.events import PaymentFailed, PaymentSucceeded
from billing.payments.models import Allocation, Payment, PaymentItem
from infra.audit.models import AuditEvent
from infra.audit.services import record_event
from infra.common.money import Money
from infra.events.services import emit
from infra.events.task_base import keep_failure
from infra.live.channels import tell_person
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import today_of_firm

logger = logging.getLogger(__name__)
# What operators send again to have the gateway asked once more (billing/payments/tasks.py).
RECONCILE = "billing.payments.tasks.reconcile"
ENDED = {
    RemoteState.FAILED: Payment.State.FAILED,
    RemoteState.EXPIRED: Payment.State.EXPIRED,
    RemoteState.CANCELED: Payment.State.CANCELED,
}


def apply_remote(*, payment_id: UUID, remote: RemotePayment) -> Payment:
    """Bring a payment to the state the gateway reports. Already there: nothing happens.

    A late success after failure or expiry counts; nothing but a refund or dispute ever
    leaves *succeeded*. A success in another currency or mode (live, test) than was asked for, or
    over nothing, is no success: the payment keeps its state. Another amount is booked, for that
    money came. Both are audited as ``payment.mismatch``, once, and operators see it.
    """
    with transaction.atomic():
        payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
        payment.checked_at = timezone.now()
        if payment.state == Payment.State.SUCCEEDED:
            return payment
        if remote.state == RemoteState.SUCCEEDED and not _is_as_asked(payment, remote):
            _note_mismatch(payment, remote)
        if remote.state == RemoteState.SUCCEEDED and not _is_creditable(payment, remote):
            payment.save(update_fields=["checked_at"])
            return payment
        payment.method_type = remote.method_type or payment.method_type
        payment.last4 = remote.last4 or payment.last4
        if remote.state == RemoteState.SUCCEEDED:
            _succeed(payment, remote)
        elif remote.state == RemoteState.PROCESSING and payment.state in (
            Payment.State.CREATING,
            Payment.State.OPEN,
        ):
            payment.state = Payment.State.PROCESSING
            record_event("payment.processing", by=None, about=payment, client_id=payment.client_id)
        elif remote.state in ENDED and payment.state in Payment.LIVE_STATES:
            _end(payment, remote)
        payment.save()
        tell_person(person_id=payment.payer_id, event="payment")
    return payment


def _is_creditable(payment: Payment, remote: RemotePayment) -> bool:
    came = remote.amount
    is_same_kind = (came.currency, remote.livemode) == (payment.currency, payment.livemode)
    return is_same_kind and came.amount > 0


def _is_as_asked(payment: Payment, remote: RemotePayment) -> bool:
    return _is_creditable(payment, remote) and remote.amount.amount == payment.amount


def _note_mismatch(payment: Payment, remote: RemotePayment) -> None:
    """Log it each time; audit it and tell the operators once: the reconciler asks about the
    payment again and again."""
    came = remote.amount
    difference = (
        f"payment {payment.pk} asked for {Money(payment.amount, payment.currency)}"
        f" ({_mode(payment.livemode)}), the gateway reports {came} ({_mode(remote.livemode)})"
    )
    logger.error("%s", difference)
    action = "payment.mismatch"
    if AuditEvent.objects.filter(action=action, object_id=payment.pk).exists():
        return
    record_event(
        action,
        by=None,
        about=payment,
        client_id=payment.client_id,
        meta={
            "asked": str(payment.amount),
            "currency": payment.currency,
            "mode": _mode(payment.livemode),
            "reported": str(came.amount),
            "reported_currency": came.currency,
            "reported_mode": _mode(remote.livemode),
        },
    )
    keep_failure(
        task=RECONCILE,
        kwargs={},
        error=f"PaymentMismatch: {difference}",
        firm_id=current_firm().id,
    )


def _mode(livemode: bool) -> str:
    return "live" if livemode else "test"


def _end(payment: Payment, remote: RemotePayment) -> None:
    was_processing = payment.state == Payment.State.PROCESSING
    payment.state = ENDED[remote.state]
    payment.failure_code = (remote.failure_code or "")[:60]
    payment.failure_message = (remote.failure_message or "")[:300]
    payment.items.update(is_live=False)
    record_event(
        f"payment.{payment.state}",
        by=None,
        about=payment,
        client_id=payment.client_id,
        meta={"code": payment.failure_code},
    )
    if was_processing:
        emit(PaymentFailed(payment=payment.pk))


def _succeed(payment: Payment, remote: RemotePayment) -> None:
    received = remote.amount.amount
    payment.state = Payment.State.SUCCEEDED
    payment.succeeded_at, payment.received = timezone.now(), received
    payment.failure_code = payment.failure_message = ""
    _series, payment.receipt_number = take_number(series=Series.RECEIPT, on=today_of_firm())
    items = list(payment.items.all())
    invoices = {
        invoice.pk: invoice
        for invoice in Invoice.objects.select_for_update(of=("self",))
        .filter(pk__in=[item.invoice_id for item in items])
        .order_by("pk")
    }
    left, entries = received, [Entry(Account.CLEARING, received)]
    for invoice, amount in _spread(received, items, invoices):
        left -= amount
        entries.append(_allocate(payment, invoice, amount))
    # Money that came although less was open is the client's credit, never dropped.
    entries.append(Entry(Account.CLIENT_CREDIT, -left, client_id=payment.client_id))
    kind = LedgerTransaction.Kind.PAYMENT
    post_documents(postings=[Posting(kind, payment.pk, payment.currency, entries)])
    payment.items.update(is_live=False)
    record_event(
        "payment.succeeded",
        by=None,
        about=payment,
        client_id=payment.client_id,
        meta={"amount": str(received), "currency": payment.currency, "credit": str(left)},
    )
    emit(PaymentSucceeded(payment=payment.pk))


def _spread(
    received: Decimal, items: list[PaymentItem], invoices: dict[UUID, Invoice]
) -> list[tuple[Invoice, Decimal]]:
    """How much of the money each invoice gets.

    First what was asked for each, as far as it is still open; then what is left goes to what is
    open of the same invoices. Invoices that can take no money any more get none.
    """
    given: dict[UUID, Decimal] = {}
    left = received
    takers = [
        (item, invoices[item.invoice_id])
        for item in items
        if invoices[item.invoice_id].status in (*Invoice.OPEN_STATES, Invoice.Status.WRITTEN_OFF)
    ]
    for item, invoice in takers:
        given[invoice.pk] = max(min(item.amount, invoice.balance, left), Decimal(0))
        left -= given[invoice.pk]
    for _item, invoice in takers:
        more = max(min(invoice.balance - given[invoice.pk], left), Decimal(0))
        given[invoice.pk] += more
        left -= more
    return [(invoices[key], amount) for key, amount in given.items() if amount]


def _allocate(payment: Payment, invoice: Invoice, amount: Decimal) -> Entry:
    """Put ``amount`` of the payment to the invoice, at most its balance; the entry to post."""
    Allocation.objects.create(payment=payment, invoice=invoice, amount=amount)
    rest = invoice.balance - amount
    entry = pay_part(invoice, amount)
    if rest == 0:
        move_invoice(invoice, Invoice.Status.PAID, by=payment.payer)
    elif invoice.status != Invoice.Status.WRITTEN_OFF:  # given up: nobody is asked for the rest
        move_invoice(invoice, Invoice.Status.PARTIALLY_PAID, by=payment.payer)
    invoice.save(update_fields=["paid_total", "status"])
    return entry
