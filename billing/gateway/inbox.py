"""The inbox of notifications: stored once, whoever sends them again."""

from __future__ import annotations

from django.db import transaction

from billing.gateway.interface import IncomingEvent
from billing.gateway.models import GatewayEvent
from infra.common.primary_keys import new_key
from infra.tenancy.firm_context import in_public


def store_event(incoming: IncomingEvent, *, gateway: str) -> GatewayEvent | None:
    """Keeps a notification; ``None`` where it was kept before (answer 2xx all the same).

    One INSERT with ON CONFLICT DO NOTHING, so copies that arrive at once do not race.
    """
    event = GatewayEvent(
        id=new_key(),
        gateway=gateway,
        account=incoming.account,
        event_id=incoming.event_id,
        kind=incoming.kind,
        type=incoming.type,
        object_id=incoming.object_id,
        session_id=incoming.session_id,
        payment_id=incoming.payment_id,
        livemode=incoming.livemode,
        payload=dict(incoming.raw),
    )
    with in_public(), transaction.atomic():
        GatewayEvent.objects.bulk_create([event], ignore_conflicts=True)
        # PostgreSQL does not say which of the rows it left out: ours is there only if it was new.
        return event if GatewayEvent.objects.filter(pk=event.pk).exists() else None
