"""Record events, chain them, and prove that nothing was changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db import connection, models, transaction

from infra.audit.models import AuditEvent, AuditSeal
from infra.common.actor import Actor
from infra.common.errors import NotAllowed
from infra.common.request_context import current_origin
from infra.tenancy.firm_context import current_firm

GENESIS = "0" * 64
# All that somebody who looks as another person may leave in the trail.
READING = (".viewed", ".downloaded", ".read")
SEAL_LOCK = 0x504F5254  # advisory lock, one per database; the firm's schema is hashed in
BATCH = 500


_FIELDS = AuditEvent._meta.concrete_fields
# A view of one invoice writes an event: the statement is spelt out once, not at each event.
_INSERT = "INSERT INTO audit_event ({}) VALUES ({})".format(  # noqa: S608  our own columns  # nosec B608
    ", ".join(str(field.column) for field in _FIELDS), ", ".join("%s" for _field in _FIELDS)
)


def record_event(
    action: str,
    *,
    by: Actor | None,
    about: models.Model | None = None,
    label: str = "",
    client_id: UUID | None = None,
    meta: dict[str, Any] | None = None,
) -> AuditEvent:
    """Write one event in the caller's transaction. ``meta`` holds JSON values, never secrets.

    Where staff look as a contact, the actor is the staff member, and the contact is named beside.
    Raises ``NotAllowed`` for anything but reading by somebody who looks as another person.
    """
    event = _event(action, by=by, about=about, label=label, client_id=client_id, meta=meta)
    with cast(Any, connection).prepared() as cursor:
        cursor.execute(
            _INSERT,
            [
                field.get_db_prep_save(getattr(event, field.attname), connection)
                for field in _FIELDS
            ],
        )
    event._state.adding, event._state.db = False, connection.alias
    return event


def record_events(
    action: str, *, by: Actor | None, about: Iterable[tuple[models.Model, UUID | None]]
) -> None:
    """Write one event for each of many things, a thousand in a statement, as ``record_event`` does.

    Each thing comes with the id of the client that it belongs to. Raises ``NotAllowed``.
    """
    events = [_event(action, by=by, about=thing, client_id=client) for thing, client in about]
    AuditEvent.objects.bulk_create(events, batch_size=1000)


def _event(
    action: str,
    *,
    by: Actor | None,
    about: models.Model | None,
    label: str = "",
    client_id: UUID | None = None,
    meta: dict[str, Any] | None = None,
) -> AuditEvent:
    """The unsaved event. Raises ``NotAllowed``."""
    seen_as = by.impersonation if by is not None else None
    if seen_as is not None:
        # Services write their event in the transaction of the fact, so a change that the
        # middleware let pass is undone with it.
        if not action.endswith(READING):
            raise NotAllowed
        # Never as if the contact had done it: another actor, and another name of the action.
        by, meta = seen_as.by, {**(meta or {}), "on_behalf_of": str(seen_as.contact_id)}
        meta["on_behalf_of_name"] = seen_as.name
        action = action if action.startswith("viewing.") else f"viewing.{action}"
    origin = current_origin()
    current_firm()
    return AuditEvent(
        actor_id=by.pk if by is not None else None,
        actor_label=str(by)[:200] if by is not None else "",
        action=action,
        object_type=about._meta.label_lower if about is not None else "",
        object_id=about.pk if about is not None else None,
        object_label=(label or (str(about) if about is not None else ""))[:200],
        client_id=client_id,
        meta=meta or {},
        surface=origin.surface,
        ip=origin.ip,
        request_id=origin.request_id,
    )


def canonical(event: AuditEvent) -> bytes:
    """The event as bytes that anyone can rebuild: JSON, sorted keys, UTC to the microsecond."""
    return json.dumps(
        {
            "id": str(event.id),
            "at": event.at.isoformat(timespec="microseconds"),
            "actor": str(event.actor_id or ""),
            "actor_label": event.actor_label,
            "action": event.action,
            "object_type": event.object_type,
            "object": str(event.object_id or ""),
            "object_label": event.object_label,
            "client": str(event.client_id or ""),
            "meta": event.meta,
            "surface": event.surface,
            "ip": event.ip,
            "request_id": event.request_id,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()


def _link(previous: str, event: AuditEvent) -> str:
    return hashlib.sha256(previous.encode() + canonical(event)).hexdigest()


def unsealed() -> models.QuerySet[AuditEvent]:
    """Events that wait for the sealer, oldest first."""
    sealed = AuditSeal.objects.filter(event_id=models.OuterRef("pk"))
    return AuditEvent.objects.filter(~models.Exists(sealed)).order_by("at", "id")


def seal_events(*, limit: int = BATCH) -> int:
    """Chain events that are not yet sealed; returns how many. Safe to run at once twice."""
    lock = int.from_bytes(
        hashlib.sha256(f"{SEAL_LOCK}{current_firm().id}".encode()).digest()[:8], "big", signed=True
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        head = AuditSeal.objects.order_by("-seq").first()
        seq, previous = (head.seq, head.hash) if head else (0, GENESIS)
        seals = []
        for event in unsealed()[:limit]:
            seq += 1
            previous = _link(previous, event)
            seals.append(AuditSeal(seq=seq, event_id=event.id, hash=previous))
        AuditSeal.objects.bulk_create(seals)
        return len(seals)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a verification found: links checked, events not yet sealed, the first broken link."""

    links: int
    waiting: int
    head: str
    broken_at: int | None = None
    reason: str = ""

    @property
    def intact(self) -> bool:
        return self.broken_at is None


def _links() -> Iterator[tuple[AuditSeal, AuditEvent | None]]:
    last = 0
    while True:
        seals = list(AuditSeal.objects.filter(seq__gt=last).order_by("seq")[:BATCH])
        if not seals:
            return
        events = AuditEvent.objects.in_bulk([seal.event_id for seal in seals])
        for seal in seals:
            yield seal, events.get(seal.event_id)
        last = seals[-1].seq


def verify_chain() -> ChainReport:
    """Recompute the current firm's whole chain; never raises for a broken one, it reports it."""
    previous, count = GENESIS, 0
    waiting = unsealed().count()
    for seal, event in _links():
        count += 1
        if seal.seq != count:
            return ChainReport(count - 1, waiting, previous, count, "a seal is missing")
        if event is None:
            return ChainReport(count - 1, waiting, previous, count, "the event is missing")
        if _link(previous, event) != seal.hash:
            return ChainReport(count - 1, waiting, previous, count, "the event was changed")
        previous = seal.hash
    return ChainReport(count, waiting, previous)
