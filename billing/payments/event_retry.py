"""Gateway events that got stuck, sent through again by an operator."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from billing.gateway.models import GatewayEvent
from billing.payments.selectors import GatewayEventUnknown
from billing.payments.tasks import process_gateway_event
from infra.audit.services import record_event
from infra.common.actor import Actor, require
from infra.events.task_base import enqueue_best_effort
from infra.tenancy.firm_context import in_public
from tenants.firms.permissions import Permission

STUCK = (GatewayEvent.State.FAILED, GatewayEvent.State.RECEIVED)


def retry_event(*, event_id: UUID, by: Actor) -> None:
    """Let a stuck event be handled anew; one that was handled meanwhile stays as it is.

    Raises ``GatewayEventUnknown``. If the broker does not answer, the sweeper finds it.
    """
    require(by.may(Permission.RUN_PLATFORM))
    with transaction.atomic():
        with in_public():
            event = GatewayEvent.objects.select_for_update().filter(pk=event_id).first()
            if event is None:
                raise GatewayEventUnknown
            if event.state not in STUCK:
                return
            event.state, event.attempts, event.error = GatewayEvent.State.RECEIVED, 0, ""
            event.save(update_fields=["state", "attempts", "error"])
        record_event("gateway_event.retried", by=by, label=str(event), meta={"type": event.type})
        transaction.on_commit(
            lambda: enqueue_best_effort(process_gateway_event, event_id=str(event_id)), robust=True
        )
