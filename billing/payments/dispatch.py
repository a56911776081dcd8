"""From a stored gateway event to the firm and payment it is about."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from billing.gateway.accounts import account_at
from billing.gateway.interface import EventKind
from billing.gateway.models import GatewayAccount, GatewayEvent
from billing.gateway.onboarding import update_account
from billing.payments.models import Payment
from billing.payments.services.reconciling import check_payment
from infra.events.task_base import firm_by_id
from infra.tenancy.firm_context import in_firm, in_public

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 12
NOT_OURS = "not ours"
State = GatewayEvent.State


def process_event(event_id: UUID | str) -> None:
    """Handle one stored event. It is only a trigger: the gateway is asked for the present state.

    Twice is harmless; an event about nothing of ours, or of a kind that nobody handles, is set
    aside with its reason.
    """
    with in_public():
        event = GatewayEvent.objects.filter(pk=event_id).first()
        if event is None or event.state in (State.PROCESSED, State.IGNORED):
            return
        account = account_at(event.gateway, event.account)
        firm = firm_by_id(account.firm_id) if account else None
    if account is None or firm is None:
        _finish(event, State.IGNORED, "no firm has this account")
        return
    try:
        with in_firm(firm):
            ignored = _handle(event, account)
    except Exception as error:
        logger.warning("gateway event failed", exc_info=True)
        _failed(event, f"{type(error).__name__}: {error}")
        return
    _finish(event, State.IGNORED if ignored else State.PROCESSED, ignored)


def _handle(event: GatewayEvent, account: GatewayAccount) -> str:
    """Do what the event asks for; the reason if it is set aside instead, else nothing."""
    if event.kind == EventKind.ACCOUNT_CHANGED:
        if account.status == GatewayAccount.Status.DISCONNECTED:
            return NOT_OURS
        update_account(account=account, by=None)
        return ""
    if event.kind != EventKind.PAYMENT_CHANGED:
        # Its own reason, so that these can be found and replayed once there is a handler.
        return f"no handler for {event.kind}"
    payment = _payment_of(event)
    if payment is None:
        return NOT_OURS
    check_payment(payment=payment)
    return ""


def _payment_of(event: GatewayEvent) -> Payment | None:
    """The payment that the notification names, by the page's id or by ours."""
    mine = Payment.objects.filter(gateway=event.gateway, account=event.account)
    found: Payment | None = None
    if event.session_id:
        found = mine.filter(session_id=event.session_id).first()
    if found is None and event.payment_id:
        found = mine.filter(pk=event.payment_id).first()
    return found


def _finish(event: GatewayEvent, state: str, reason: str) -> None:
    with in_public():
        GatewayEvent.objects.filter(pk=event.pk).update(
            state=state, processed_at=timezone.now(), error=reason
        )


def _failed(event: GatewayEvent, reason: str) -> None:
    with in_public(), transaction.atomic():
        current = GatewayEvent.objects.select_for_update().get(pk=event.pk)
        current.attempts += 1
        current.error = reason[:2000]
        if current.attempts >= MAX_ATTEMPTS:
            current.state = State.FAILED
        current.save(update_fields=["attempts", "error", "state"])
