"""Who is mailed about payments."""

from __future__ import annotations

from uuid import UUID

from billing.payments import mails
from billing.payments.events import PaymentFailed, PaymentSucceeded
from billing.payments.models import Payment
from infra.events.subscriptions import on


def _payment(payment_id: UUID) -> Payment:
    return Payment.objects.select_related("client", "payer").get(pk=payment_id)


@on(PaymentSucceeded)
def mail_receipt(event: PaymentSucceeded, delivery_id: UUID) -> None:
    """Mail the receipt to the payer."""
    mails.send_receipt(_payment(event.payment), message_id=str(delivery_id))


@on(PaymentSucceeded)
def mail_billing_staff(event: PaymentSucceeded, delivery_id: UUID) -> None:
    """Tell the firm's billing people that money came in."""
    mails.tell_billing(_payment(event.payment), message_id=str(delivery_id))


@on(PaymentFailed)
def mail_failure(event: PaymentFailed, delivery_id: UUID) -> None:
    """Tell the payer that a payment under way did not arrive."""
    mails.send_failure(_payment(event.payment), message_id=str(delivery_id))
