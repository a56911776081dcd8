"""The gateway's page of a payment, where the payer pays."""

from __future__ import annotations

from django.db import transaction

from billing.gateway.interface import CheckoutRequest, GatewayRefused
from billing.gateway.registry import gateway_for
from billing.payments.models import Payment
from infra.common.money import Money
from infra.tenancy.firm_context import current_firm


def open_session(payment: Payment) -> Payment:
    """Make (or find again) the gateway's page of a payment; no transaction around the call.

    The request is rebuilt from the payment's own row, so that a repetition by a worker
    says exactly what the first one said.
    """
    if payment.session_id:
        return payment
    assert payment.expires_at is not None  # noqa: S101  set when the payment is made
    request = CheckoutRequest(
        payment_id=payment.pk,
        firm_id=current_firm().id,
        account=payment.account,
        amount=Money(payment.amount, payment.currency),
        reference=payment.reference,
        return_url=payment.return_url.replace("{payment}", str(payment.pk)),
        cancel_url=payment.return_url.replace("{payment}", str(payment.pk)) + "?left=1",
        email=payment.payer_email or None,
        locale=payment.locale,
        expires_at=payment.expires_at,
        application_fee=None,
    )
    try:
        checkout = gateway_for(payment.gateway).open_checkout(
            request, idempotency_key=f"payment:{payment.pk}"
        )
    except GatewayRefused as error:
        _mark_refused(payment, str(error))
        raise
    with transaction.atomic():
        current = Payment.objects.select_for_update().get(pk=payment.pk)
        if not current.session_id:
            current.session_id, current.session_url = checkout.session_id, checkout.url
            current.expires_at = checkout.expires_at
            if current.state == Payment.State.CREATING:
                current.state = Payment.State.OPEN
            current.save(update_fields=["session_id", "session_url", "expires_at", "state"])
    return current


def _mark_refused(payment: Payment, why: str) -> None:
    with transaction.atomic():
        current = Payment.objects.select_for_update().get(pk=payment.pk)
        if current.state == Payment.State.CREATING:
            current.state = Payment.State.FAILED
            current.failure_message = why[:300]
            current.save(update_fields=["state", "failure_message"])
            current.items.update(is_live=False)
