"""Take the PDF of a credit note: who did is recorded, whichever way they came."""

from __future__ import annotations

from uuid import UUID

from billing.credit_notes.models import CreditNote
from billing.credit_notes.pdf import keep_credit_note_pdf
from billing.credit_notes.selectors import get_credit_note
from billing.invoices.pdf import pdf_name
from infra.audit.services import record_event
from infra.common.downloads import StoredDownload
from tenants.people.models import User


def get_credit_note_pdf(*, note_id: UUID, by: User) -> StoredDownload:
    """The PDF of a credit note that the person may see, as it was first drawn.

    Nothing is recorded: for those who ask for a file's headers alone.
    Raises ``CreditNoteUnknown``, ``PdfUnavailable``.
    """
    return _pdf(get_credit_note(by, note_id))


def download_credit_note_pdf(*, note_id: UUID, by: User) -> StoredDownload:
    """The same, taken by the person. Raises as ``get_credit_note_pdf`` does."""
    note = get_credit_note(by, note_id)
    found = _pdf(note)
    record_event("credit_note.downloaded", by=by, about=note, client_id=note.invoice.client_id)
    return found


def _pdf(note: CreditNote) -> StoredDownload:
    return StoredDownload(pdf_name(note), keep_credit_note_pdf(note), "application/pdf")
