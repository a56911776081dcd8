"""Read an invoice whole, or take a receipt: who did is recorded, whichever way they came."""

from __future__ import annotations

from uuid import UUID

from billing.invoices.services.reading import _record_view
from billing.payments.invoice_detail import InvoiceSheet, read_sheet
from billing.payments.models import Payment
from billing.payments.pdf import keep_receipt_pdf, receipt_name
from billing.payments.selectors import PaymentUnknown, get_payment
from infra.audit.services import record_event
from infra.common.downloads import StoredDownload
from tenants.people.models import User


def read_invoice_sheet(*, invoice_id: UUID, by: User) -> InvoiceSheet:
    """An invoice with all that belongs to it, read by the person. Raises ``InvoiceUnknown``."""
    sheet = read_sheet(by, invoice_id)
    _record_view(invoice_id=sheet.id, number=sheet.number, client_id=sheet.client_id, by=by)
    return sheet


def get_receipt(*, payment_id: UUID, by: User) -> StoredDownload:
    """The receipt of a payment that the person may see and that succeeded.

    Nothing is recorded: for those who ask for a file's headers alone.
    Raises ``PaymentUnknown``, ``PdfUnavailable``.
    """
    return _pdf(_succeeded(by, payment_id))


def download_receipt(*, payment_id: UUID, by: User) -> StoredDownload:
    """The same, taken by the person. Raises as ``get_receipt`` does."""
    payment = _succeeded(by, payment_id)
    found = _pdf(payment)
    record_event("receipt.downloaded", by=by, about=payment, client_id=payment.client_id)
    return found


def _succeeded(by: User, payment_id: UUID) -> Payment:
    payment = get_payment(by, payment_id)
    if payment.state != Payment.State.SUCCEEDED:
        raise PaymentUnknown
    return payment


def _pdf(payment: Payment) -> StoredDownload:
    return StoredDownload(receipt_name(payment), keep_receipt_pdf(payment), "application/pdf")
