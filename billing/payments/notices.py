"""Who is mailed about payments."""

from __future__ import annotations

from uuid import UUID

from billing.payments import mails
from billing.payments.events import PaymentFailed, PaymentReportDue, PaymentSucceeded
from billing.payments.models import Payment
from infra.events.services import emit
from infra.events.subscriptions import in_transaction, on


def _payment(payment_id: UUID) -> Payment:
    return Payment.objects.select_related("client", "payer").get(pk=payment_id)


@on(PaymentSucceeded)
def mail_receipt(event: PaymentSucceeded, delivery_id: UUID) -> None:
    """Mail the receipt to the payer."""
    mails.send_receipt(_payment(event.payment), message_id=str(delivery_id))


@in_transaction(PaymentSucceeded)
def address_billing_staff(event: PaymentSucceeded) -> None:
    """One mail for each of the firm's people who hear of money that came in."""
    for person in mails.told_of_payments():
        emit(PaymentReportDue(payment=event.payment, person=person.pk))


@on(PaymentReportDue)
def mail_billing_staff(event: PaymentReportDue, delivery_id: UUID) -> None:
    """Tell one of the firm's people that money came in."""
    person = mails.told_of_payments().filter(pk=event.person).first()
    if person is not None:
        mails.tell_billing(_payment(event.payment), person, message_id=str(delivery_id))


@on(PaymentFailed)
def mail_failure(event: PaymentFailed, delivery_id: UUID) -> None:
    """Tell the payer that a payment under way did not arrive."""
    mails.send_failure(_payment(event.payment), message_id=str(delivery_id))
