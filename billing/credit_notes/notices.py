"""Who is mailed about credit notes."""

from __future__ import annotations

from uuid import UUID

from billing.credit_notes import mails
from billing.credit_notes.events import CreditNoteIssued
from billing.credit_notes.models import CreditNote
from billing.credit_notes.pdf import keep_credit_note_pdf
from infra.events.subscriptions import on
from tenants.people.models import Contact


@on(CreditNoteIssued)
def mail_credit_note(event: CreditNoteIssued, delivery_id: UUID) -> None:
    """Keep the PDF, then mail every contact who receives invoices; not about one they never got."""
    if not event.client_knows_invoice:
        return
    note = CreditNote.objects.select_related("invoice__client", "invoice__matter").get(
        pk=event.credit_note
    )
    keep_credit_note_pdf(note)
    contacts = Contact.objects.receiving_invoices().filter(client=note.invoice.client)
    for contact in contacts.select_related("user"):
        mails.send_credit_note(note, contact, message_id=f"{delivery_id}.{contact.pk}")
