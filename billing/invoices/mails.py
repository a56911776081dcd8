"""Mails about invoices: neutral subjects, one fact, one button."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.invoices.models import Invoice
from branding.notices import firm_mail, firm_name, portal_address
from infra.common.firm_context import current_firm
from infra.common.formats import date_text, money_text
from tenants.people.models import Contact


def reader_language(contact: Contact) -> str:
    """The person's language, else the client's, else the firm's."""
    if contact.user is not None:
        return contact.user.language
    return contact.client.language or current_firm().language


def send_invoice(invoice: Invoice, contact: Contact, *, message_id: str) -> None:
    """Tell a contact that there is an invoice, with a link straight to it."""
    language = reader_language(contact)
    with override(language):
        facts = [
            (_("Invoice"), str(invoice)),
            (_("Amount"), money_text(invoice.total, invoice.currency, language)),
        ]
        if invoice.due_date:
            facts.append((_("Due"), date_text(invoice.due_date, language)))
        button = None
        closing = []
        if invoice.shared_at is not None and contact.user_id is not None:
            button = (_("See the invoice"), portal_address(f"/invoices/{invoice.pk}/"))
        elif invoice.shared_at is not None:
            closing.append(_("You will find it in your portal once you have set your password."))
        firm_mail(
            to=contact.email,
            subject=_("Invoice %(number)s from %(firm)s")
            % {"number": invoice, "firm": firm_name()},
            greeting=_("Hello %(name)s,") % {"name": contact.name},
            paragraphs=[_("there is a new invoice for you.")],
            facts=facts,
            button=button,
            closing=closing,
            message_id=message_id,
        )
