"""Give a draft its number, share it, send it, void it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.invoices.events import InvoiceSent
from billing.invoices.holds import require_no_hold
from billing.invoices.models import BillingSettings, Invoice, InvoiceTransition
from billing.invoices.policy import is_payable, is_voidable
from billing.invoices.services.opening import open_invoice
from billing.invoices.services.postings import void_posting, write_off_posting
from billing.invoices.services.states import WrongInvoiceState, locked, move_invoice
from billing.ledger.services import post_documents
from billing.numbering.series import Series
from billing.numbering.services import take_number
from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Conflict
from infra.events.services import emit
from infra.tenancy.locale_formats import today_of_firm
from tenants.firms.permissions import Permission
from tenants.people.models import User

# Issued, and nobody is asked for the money any more.
DEAD = (Invoice.Status.VOID, Invoice.Status.CREDITED, Invoice.Status.WRITTEN_OFF)


class PaymentUnderWay(Conflict):
    """Somebody is paying this invoice right now.

    Payments raise it as a hold. It is defined here because what it refuses, and who handles it, is
    of invoices and credit notes, which do not know payments.
    """

    message = _("A payment for this invoice is under way. Please wait until it has ended.")


class PartlyCredited(WrongInvoiceState):
    """Credit notes took a part of it: what they say must stay true."""

    message = _("A part of this invoice is credited. Credit the rest instead of declaring it void.")


def _require_may_bill(invoice: Invoice, by: User) -> None:
    require(by.may(Permission.MANAGE_BILLS, client_id=invoice.client_id))


def issue_invoice(*, invoice: Invoice, by: User, issue_date: date | None = None) -> Invoice:
    """Make a draft a bill: number, date, due date; one over nothing is paid at once.

    Issued already: returned as it is.
    """
    _require_may_bill(invoice, by)
    with transaction.atomic():
        current = locked(invoice)
        if current.status != Invoice.Status.DRAFT:
            return current
        day = issue_date or today_of_firm()
        if current.number is None:
            current.series, current.number = take_number(
                series=Series.INVOICE, on=day, documents=Invoice.objects.all()
            )
        current.issue_date = day
        terms = timedelta(days=BillingSettings.current().payment_terms_days)
        moves, posting = open_invoice(current, terms=terms, by=by)
        current.save(update_fields=["series", "number", "issue_date", "due_date", "status"])
        InvoiceTransition.objects.bulk_create(moves)
        post_documents(postings=[posting])
        record_event("invoice.issued", by=by, about=current, client_id=current.client_id)
    return current


def send_invoice(*, invoice: Invoice, by: User) -> Invoice:
    """Issue if need be, share by the firm's rule, and mail the client's contacts.

    Sending again mails again. The PDF of the first sending is kept.
    Raises ``WrongInvoiceState`` for one that nobody is asked to pay any more (``DEAD``).
    """
    _require_may_bill(invoice, by)
    with transaction.atomic():
        current = issue_invoice(invoice=invoice, by=by)
        current = locked(current)
        if current.status in DEAD:
            raise WrongInvoiceState
        now = timezone.now()
        current.sent_at = now
        if current.shared_at is None and (
            BillingSettings.current().invoice_sharing == BillingSettings.Sharing.AUTOMATIC
        ):
            current.shared_at = now
        current.save(update_fields=["sent_at", "shared_at"])
        emit(InvoiceSent(invoice=current.pk))
        record_event("invoice.sent", by=by, about=current, client_id=current.client_id)
    return current


def share_invoice(*, invoice: Invoice, by: User) -> Invoice:
    """Let the client see an issued invoice in the portal."""
    return _set_shared(invoice, by, timezone.now(), "invoice.shared")


def unshare_invoice(*, invoice: Invoice, by: User) -> Invoice:
    """Take an invoice back from the client's view at once."""
    return _set_shared(invoice, by, None, "invoice.unshared")


def _set_shared(invoice: Invoice, by: User, at: Any, action: str) -> Invoice:
    _require_may_bill(invoice, by)
    with transaction.atomic():
        current = locked(invoice)
        if current.status == Invoice.Status.DRAFT:
            raise WrongInvoiceState
        if (current.shared_at is None) != (at is None):
            current.shared_at = at
            current.save(update_fields=["shared_at"])
            record_event(action, by=by, about=current, client_id=current.client_id)
    return current


def void_invoice(*, invoice: Invoice, reason: str, by: User) -> Invoice:
    """Declare an unpaid invoice worthless; its number stays used. Void already: returned as it is.

    Raises ``PaymentUnderWay``, ``PartlyCredited``, ``WrongInvoiceState``.
    """
    _require_may_bill(invoice, by)
    with transaction.atomic():
        current = locked(invoice)
        if current.status == Invoice.Status.VOID:
            return current
        require_no_hold(current)
        if not is_voidable(current):
            raise PartlyCredited if current.credited_total else WrongInvoiceState
        move_invoice(current, Invoice.Status.VOID, by=by, reason=reason)
        current.save(update_fields=["status"])
        post_documents(postings=[void_posting(current)])
        record_event(
            "invoice.voided",
            by=by,
            about=current,
            client_id=current.client_id,
            meta={"reason": reason},
        )
    return current


def write_off_invoice(*, invoice: Invoice, reason: str, by: User) -> Invoice:
    """Give up on what is open: no reminders any more; a later payment still counts.

    Written off already: returned as it is.
    Raises ``PaymentUnderWay``, ``WrongInvoiceState``.
    """
    _require_may_bill(invoice, by)
    with transaction.atomic():
        current = locked(invoice)
        if current.status == Invoice.Status.WRITTEN_OFF:
            return current
        require_no_hold(current)
        if not is_payable(current):
            raise WrongInvoiceState
        move_invoice(current, Invoice.Status.WRITTEN_OFF, by=by, reason=reason)
        current.save(update_fields=["status"])
        post_documents(postings=[write_off_posting(current)])
        record_event(
            "invoice.written_off",
            by=by,
            about=current,
            client_id=current.client_id,
            meta={"reason": reason},
        )
    return current
