"""Mails about invoices: neutral subjects, one fact, one button."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.invoices.models import Invoice
from billing.invoices.pdf import keep_invoice_pdf, pdf_name
from branding.letterhead.mails import firm_mail, firm_name, portal_address
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import date_text, money_text
from tenants.access.invitation_links import AlreadyHasAccess, offer_way_in
from tenants.access.mails import invitation_path
from tenants.people.models import Contact


def reader_language(contact: Contact) -> str:
    """The person's language, else the client's, else the firm's."""
    if contact.user is not None:
        return contact.user.language
    return contact.client.language or current_firm().language


def way_to(invoice: Invoice, contact: Contact) -> tuple[tuple[str, str], list[str]]:
    """The button that leads to the invoice, and what has to be said about it.

    Who cannot sign in yet sets a password on the way; links of earlier mails stay good.
    """
    path = f"/invoices/{invoice.pk}/"
    plain = (_("See the invoice"), portal_address(path))
    if contact.user_id is not None:
        return plain, []
    try:
        token = offer_way_in(contact=contact, target=path)
    except AlreadyHasAccess:
        return plain, []
    return (
        (_("Set your password and see it"), portal_address(invitation_path(token))),
        [
            _(
                "The link is for you alone and works once, for 72 hours. If it has expired, it will offer you a new one."
            )
        ],
    )


def send_invoice(invoice: Invoice, contact: Contact, *, message_id: str) -> None:
    """Tell a contact that there is an invoice, with a link straight to it.

    One that the firm does not share in the portal comes as the kept PDF instead.
    """
    language = reader_language(contact)
    with override(language):
        facts = [
            (_("Invoice"), str(invoice)),
            (_("Amount"), money_text(invoice.total, invoice.currency, language)),
        ]
        if invoice.balance != invoice.total:
            facts.append(
                (_("Left to pay"), money_text(invoice.balance, invoice.currency, language))
            )
        if invoice.due_date:
            facts.append((_("Due"), date_text(invoice.due_date, language)))
        button: tuple[str, str] | None = None
        closing: list[str] = []
        paper: list[tuple[str, bytes, str]] = []
        if invoice.shared_at:
            button, closing = way_to(invoice, contact)
        else:
            # Not in the portal: the paper itself is all that the reader gets.
            closing = [_("The invoice is attached to this mail.")]
            paper = [(pdf_name(invoice), keep_invoice_pdf(invoice), "application/pdf")]
        firm_mail(
            to=contact.email,
            subject=_("Invoice %(number)s from %(firm)s")
            % {"number": invoice, "firm": firm_name()},
            greeting=_("Hello %(name)s,") % {"name": contact.name},
            paragraphs=[_("There is a new invoice for you.")],
            facts=facts,
            button=button,
            closing=closing,
            attachments=paper,
            message_id=message_id,
        )
