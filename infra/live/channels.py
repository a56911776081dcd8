"""Tell a person's open pages that something happened; the words come from the page itself."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import transaction

from infra.tenancy.firm_context import current_firm
from infra.tenancy.signing import platform_signer

logger = logging.getLogger(__name__)
TICKET_SECONDS = 600


@cache  # tenant-safe: one connection pool a process, nothing of any firm
def _broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=1)


def channel(firm_id: UUID | str, person_id: UUID | str) -> str:
    """The channel of one person of one firm."""
    return f"live:{firm_id}:{person_id}"


def live_ticket(*, person_id: UUID, origin: str) -> str:
    """What a page shows to the live process: good for ten minutes, for one person, one origin."""
    name = channel(current_firm().id, person_id)
    return platform_signer("live").sign({"channel": name, "origin": origin})


def read_ticket(ticket: str) -> dict[str, Any]:
    """Channel and origin of a ticket; raises ``BadSignature``."""
    value: dict[str, Any] = platform_signer("live").read(ticket, max_age=TICKET_SECONDS)
    return value


def tell_person(*, person_id: UUID | None, event: str) -> None:
    """After commit, nudge the person's open pages; pages poll too, so that a loss is no loss."""
    if person_id is None:
        return
    name = channel(current_firm().id, person_id)

    def publish() -> None:
        try:
            _broker().publish(name, event)
        except redis.RedisError:
            logger.warning("live nudge was not sent")

    transaction.on_commit(publish, robust=True)
