"""From a stored gateway event to the firm and payment it is about."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from billing.gateway.accounts import firm_of_account
from billing.gateway.models import GatewayEvent
from billing.payments.models import Payment
from billing.payments.services.applying import check_payment
from infra.events.tasks import firm_by_id
from infra.tenancy.firm_context import FirmRef, in_firm, in_public

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 12
State = GatewayEvent.State


def process_event(event_id: UUID | str) -> None:
    """Handle one stored event. The payload is only a trigger: the gateway is asked anew.

    Twice is harmless; an event about nothing of ours is set aside with its reason.
    """
    with in_public():
        event = GatewayEvent.objects.filter(pk=event_id).first()
        if event is None or event.state in (State.PROCESSED, State.IGNORED):
            return
        firm_id = firm_of_account(event.gateway, event.account)
        firm = firm_by_id(firm_id) if firm_id else None
    if firm is None:
        _finish(event, State.IGNORED, "no firm has this account")
        return
    try:
        handled = _in_its_firm(firm, event)
    except Exception as error:
        logger.warning("gateway event failed", exc_info=True)
        _failed(event, f"{type(error).__name__}: {error}")
        return
    _finish(event, State.PROCESSED if handled else State.IGNORED, "" if handled else "not ours")


def _in_its_firm(firm: FirmRef, event: GatewayEvent) -> bool:
    with in_firm(firm):
        payment = _payment_of(event)
        if payment is None:
            return False
        check_payment(payment=payment)
        return True


def _payment_of(event: GatewayEvent) -> Payment | None:
    mine = Payment.objects.filter(gateway=event.gateway, account=event.account)
    by_session = mine.filter(session_id=event.object_id).exclude(session_id="").first()
    if by_session is not None:
        return by_session
    data = (event.payload.get("data") or {}).get("object") or {}
    named = (data.get("metadata") or {}).get("payment_id") or data.get("client_reference_id")
    try:
        return mine.filter(pk=UUID(str(named))).first() if named else None
    except ValueError:
        return None


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
