"""The mail that says that something was credited."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.credit_notes.models import CreditNote
from billing.credit_notes.pdf import keep_credit_note_pdf
from billing.invoices.mails import reader_language, way_to
from billing.invoices.models import Invoice
from billing.invoices.pdf import pdf_name
from branding.letterhead.mails import firm_mail, firm_name
from infra.tenancy.locale_formats import money_text
from tenants.people.models import Contact


def send_credit_note(note: CreditNote, contact: Contact, *, message_id: str) -> None:
    """Tell a contact what was credited and what is left to pay, with a link to the invoice.

    Where the firm does not share that in the portal, the credit note comes as PDF instead.
    """
    language, invoice = reader_language(contact), note.invoice
    owed = invoice.balance if invoice.status in Invoice.OPEN_STATES else Decimal(0)
    with override(language):
        facts = [
            (_("Credit note"), note.number),
            (_("Invoice"), str(invoice)),
            (_("Credited"), money_text(note.total, note.currency, language)),
            (_("Left to pay"), money_text(owed, note.currency, language)),
        ]
        if owed:
            said = _("We credited part of invoice %(number)s, so you owe less.")
        elif invoice.status == Invoice.Status.CREDITED:
            said = _("We credited invoice %(number)s. You owe nothing for it.")
        else:
            said = _("We credited part of invoice %(number)s. You owe nothing for it.")
        paragraphs = [said % {"number": invoice}]
        if note.surplus_total:
            held = money_text(note.surplus_total, note.currency, language)
            paragraphs.append(
                _("Of what we credited, you had already paid %(amount)s: we hold that sum for you.")
                % {"amount": held}
            )
        button: tuple[str, str] | None = None
        paper: list[tuple[str, bytes, str]] = []
        if invoice.shared_at:
            button, closing = way_to(invoice, contact)
        else:
            closing = [_("The credit note is attached to this mail.")]
            paper = [(pdf_name(note), keep_credit_note_pdf(note), "application/pdf")]
        firm_mail(
            to=contact.email,
            subject=_("Credit note %(number)s from %(firm)s")
            % {"number": note, "firm": firm_name()},
            greeting=_("Hello %(name)s,") % {"name": contact.name},
            paragraphs=paragraphs,
            facts=facts,
            button=button,
            closing=closing,
            attachments=paper,
            message_id=message_id,
        )
