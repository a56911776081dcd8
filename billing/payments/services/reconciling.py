"""Ask the gateway how payments stand: one that something happened to, and those left hanging."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from billing.gateway.interface import GatewayUnavailable
from billing.gateway.registry import gateway_for
from billing.payments.models import Payment
from billing.payments.services.applying import apply_remote
from billing.payments.services.sessions import open_session

logger = logging.getLogger(__name__)


def check_payment(*, payment: Payment) -> Payment:
    """Ask the gateway how a payment stands and write it down; no transaction around the call."""
    if payment.state == Payment.State.SUCCEEDED:
        return payment
    gateway = gateway_for(payment.gateway)
    if not payment.session_id:
        return _recover(payment)
    remote = gateway.fetch_payment(account=payment.account, session_id=payment.session_id)
    return apply_remote(payment_id=payment.pk, remote=remote)


def _recover(payment: Payment) -> Payment:
    """A payment whose page we never learned: found at the gateway by our id, or asked for again."""
    remote = gateway_for(payment.gateway).find_payment(
        account=payment.account, payment_id=payment.pk, created_after=payment.created_at
    )
    if remote is None:
        return open_session(payment)
    with transaction.atomic():
        current = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        if not current.session_id:
            current.session_id = remote.session_id
            if current.state == Payment.State.CREATING:
                current.state = Payment.State.OPEN
            current.save(update_fields=["session_id", "state"])
    return apply_remote(payment_id=payment.pk, remote=remote)


def reconcile_payments(*, older_than: timedelta = timedelta(minutes=2)) -> int:
    """Ask about every payment left hanging in the current firm; returns how many were answered.

    Each is asked about by itself, so that one that cannot be looked up does not hold up the
    others. A gateway that does not answer is left alone until the next run.
    """
    answered = 0
    silent: set[str] = set()
    before = timezone.now() - older_than
    for payment in (
        Payment.objects.unsettled().filter(checked_at__lt=before).order_by("checked_at")[:100]
    ):
        if payment.gateway in silent:
            continue
        try:
            check_payment(payment=payment)
            answered += 1
        except Exception as error:
            logger.warning("payment %s could not be looked up", payment.pk, exc_info=True)
            # To the end of the queue: a hundred such payments must not be the only ones asked about.
            Payment.objects.filter(pk=payment.pk).update(checked_at=timezone.now())
            if isinstance(error, GatewayUnavailable):
                silent.add(payment.gateway)
    return answered
