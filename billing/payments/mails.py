"""Mails about payments."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.payments.models import Payment
from billing.payments.pdf import keep_receipt_pdf, receipt_name
from branding.letterhead.mails import firm_mail, portal_address
from infra.tenancy.locale_formats import money_text
from tenants.people.models import User
from tenants.people.roles import TOLD_OF_PAYMENTS


def send_receipt(payment: Payment, *, message_id: str) -> None:
    """Thank the payer and attach the receipt."""
    payer = payment.payer
    if payer is None:
        return
    with override(payer.language):
        amount = money_text(payment.current_amount, payment.currency, payer.language)
        firm_mail(
            to=payer.email,
            subject=_("Receipt %(number)s") % {"number": payment.receipt_number},
            greeting=_("Hello %(name)s,") % {"name": payer.name},
            paragraphs=[
                _("Your payment of %(amount)s has arrived. Thank you.") % {"amount": amount}
            ],
            button=(_("See it in the portal"), portal_address(f"/payments/{payment.pk}/")),
            closing=[_("The receipt is attached.")],
            attachments=[(receipt_name(payment), keep_receipt_pdf(payment), "application/pdf")],
            message_id=message_id,
        )


def told_of_payments() -> QuerySet[User]:
    """The firm's people who hear of money that came in."""
    return User.objects.filter(kind=User.Kind.STAFF, is_active=True, role__in=TOLD_OF_PAYMENTS)


def tell_billing(payment: Payment, person: User, *, message_id: str) -> None:
    """Tell one of the firm's people that money came in."""
    with override(person.language):
        amount = money_text(payment.current_amount, payment.currency, person.language)
        firm_mail(
            to=person.email,
            subject=_("Payment received: %(amount)s") % {"amount": amount},
            greeting=_("Hello %(name)s,") % {"name": person.name},
            paragraphs=[
                _("%(client)s paid %(amount)s.") % {"client": payment.client, "amount": amount}
            ],
            button=(_("See the payment"), portal_address(f"/payments/{payment.pk}/", "console")),
            message_id=message_id,
        )


def send_failure(payment: Payment, *, message_id: str) -> None:
    """Tell the payer what happened, what it means and what to do."""
    payer = payment.payer
    if payer is None:
        return
    with override(payer.language):
        amount = money_text(payment.current_amount, payment.currency, payer.language)
        firm_mail(
            to=payer.email,
            subject=_("Your payment did not arrive"),
            greeting=_("Hello %(name)s,") % {"name": payer.name},
            paragraphs=[
                _(
                    "Your payment of %(amount)s was not completed by your bank. Nothing was taken, and the amount is open again."
                )
                % {"amount": amount}
            ],
            button=(_("Pay again"), portal_address("/invoices/")),
            message_id=message_id,
        )
