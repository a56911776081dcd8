"""Who is mailed about invoices, and when."""

from __future__ import annotations

from uuid import UUID

from billing.invoices import mails
from billing.invoices.events import InvoiceMailDue, InvoiceSent
from billing.invoices.models import Invoice
from billing.invoices.pdf import keep_invoice_pdf
from billing.invoices.services.issuing import DEAD
from infra.events.services import emit
from infra.events.subscriptions import in_transaction, on
from tenants.people.models import Contact


def _standing(invoice_id: UUID) -> Invoice | None:
    """The invoice, unless it ended since it was sent."""
    found: Invoice | None = (
        Invoice.objects.select_related("client", "matter").filter(pk=invoice_id).first()
    )
    return None if found is None or found.number is None or found.status in DEAD else found


@in_transaction(InvoiceSent)
def address_invoice(event: InvoiceSent) -> None:
    """One mail for each contact who receives the client's invoices."""
    client = Invoice.objects.values_list("client_id", flat=True).get(pk=event.invoice)
    for contact in Contact.objects.receiving_invoices().filter(client=client):
        emit(InvoiceMailDue(invoice=event.invoice, contact=contact.pk))


@on(InvoiceSent)
def keep_sent_pdf(event: InvoiceSent, delivery_id: UUID) -> None:
    """Keep the PDF as it was sent, also where nobody is mailed."""
    invoice = _standing(event.invoice)
    if invoice is not None:
        keep_invoice_pdf(invoice)


@on(InvoiceMailDue)
def mail_invoice(event: InvoiceMailDue, delivery_id: UUID) -> None:
    """Mail the invoice to one contact, unless it or their access ended meanwhile."""
    invoice = _standing(event.invoice)
    contact = (
        Contact.objects.receiving_invoices().select_related("user").filter(pk=event.contact).first()
    )
    if invoice is not None and contact is not None:
        mails.send_invoice(invoice, contact, message_id=str(delivery_id))
