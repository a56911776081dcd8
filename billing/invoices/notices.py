"""Who is mailed about invoices, and when."""

from __future__ import annotations

from uuid import UUID

from billing.invoices import mails
from billing.invoices.events import InvoiceSent
from billing.invoices.models import Invoice
from billing.invoices.pdf import keep_invoice_pdf
from billing.invoices.services.issuing import DEAD
from infra.events.subscriptions import on
from tenants.people.models import Contact


@on(InvoiceSent)
def mail_invoice(event: InvoiceSent, delivery_id: UUID) -> None:
    """Keep the PDF, then mail every contact who receives invoices; not what ended meanwhile."""
    invoice = Invoice.objects.select_related("client", "matter").filter(pk=event.invoice).first()
    if invoice is None or invoice.number is None or invoice.status in DEAD:
        return
    keep_invoice_pdf(invoice)
    contacts = Contact.objects.receiving_invoices().filter(client=invoice.client)
    for contact in contacts.select_related("user"):
        mails.send_invoice(invoice, contact, message_id=f"{delivery_id}.{contact.pk}")
