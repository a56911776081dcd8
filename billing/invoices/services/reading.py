"""Read an invoice or take its PDF: who did is recorded, whichever way they came.

``get_invoice_pdf`` records nothing: it answers those who ask for a file's headers alone.
"""

from __future__ import annotations

from uuid import UUID

from billing.invoices.models import Invoice
from billing.invoices.pdf import invoice_pdf, pdf_name
from billing.invoices.selectors import get_invoice
from infra.audit.services import record_event
from infra.common.downloads import StoredDownload
from tenants.people.models import User


def _record_view(*, invoice_id: UUID, number: str | None, client_id: UUID, by: User) -> None:
    """Note that a person, of the client or of the firm, read an invoice.

    It checks nothing: only for those who have just read the invoice as what the person may see
    (``read_invoice``, and payments' ``read_invoice_sheet``, which has no ``Invoice``).
    """
    about = Invoice(id=invoice_id, number=number)
    record_event("invoice.viewed", by=by, about=about, client_id=client_id)


def read_invoice(*, invoice_id: UUID, by: User) -> Invoice:
    """An invoice that the person may see, read by them. Raises ``InvoiceUnknown``."""
    invoice = get_invoice(by, invoice_id)
    _record_view(invoice_id=invoice.pk, number=invoice.number, client_id=invoice.client_id, by=by)
    return invoice


def get_invoice_pdf(*, invoice_id: UUID, by: User) -> StoredDownload:
    """The PDF of an invoice that the person may see: as it was sent, or as it stands.

    Raises ``InvoiceUnknown``, ``PdfUnavailable``.
    """
    return _pdf(get_invoice(by, invoice_id))


def download_invoice_pdf(*, invoice_id: UUID, by: User) -> StoredDownload:
    """The same, taken by the person. Raises as ``get_invoice_pdf`` does."""
    invoice = get_invoice(by, invoice_id)
    found = _pdf(invoice)
    record_event("invoice.downloaded", by=by, about=invoice, client_id=invoice.client_id)
    return found


def _pdf(invoice: Invoice) -> StoredDownload:
    return StoredDownload(pdf_name(invoice), invoice_pdf(invoice), "application/pdf")
