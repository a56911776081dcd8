"""Who is mailed about credit notes."""

from __future__ import annotations

from uuid import UUID

from billing.credit_notes import mails
from billing.credit_notes.events import CreditNoteIssued, CreditNoteMailDue
from billing.credit_notes.models import CreditNote
from billing.credit_notes.pdf import keep_credit_note_pdf
from infra.events.services import emit
from infra.events.subscriptions import in_transaction, on
from tenants.people.models import Contact


def _note(note_id: UUID) -> CreditNote:
    found: CreditNote = CreditNote.objects.select_related("invoice__client", "invoice__matter").get(
        pk=note_id
    )
    return found


@in_transaction(CreditNoteIssued)
def address_credit_note(event: CreditNoteIssued) -> None:
    """One mail for each contact who receives invoices; none about an invoice they never got."""
    if not event.client_knows_invoice:
        return
    client = CreditNote.objects.values_list("invoice__client_id", flat=True).get(
        pk=event.credit_note
    )
    for contact in Contact.objects.receiving_invoices().filter(client=client):
        emit(CreditNoteMailDue(credit_note=event.credit_note, contact=contact.pk))


@on(CreditNoteIssued)
def keep_issued_pdf(event: CreditNoteIssued, delivery_id: UUID) -> None:
    """Keep the PDF as it was issued, where the client gets it."""
    if event.client_knows_invoice:
        keep_credit_note_pdf(_note(event.credit_note))


@on(CreditNoteMailDue)
def mail_credit_note(event: CreditNoteMailDue, delivery_id: UUID) -> None:
    """Mail the credit note to one contact, unless their access ended meanwhile."""
    contact = (
        Contact.objects.receiving_invoices().select_related("user").filter(pk=event.contact).first()
    )
    if contact is not None:
        mails.send_credit_note(_note(event.credit_note), contact, message_id=str(delivery_id))
