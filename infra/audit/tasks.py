"""The sealer and the check of the chain as tasks."""

from __future__ import annotations

from infra.audit.services import seal_events, verify_chain
from infra.events.schedules import nightly, sweep
from infra.events.task_base import firm_task


@firm_task
def seal_audit() -> None:
    """Chain the current firm's new events."""
    while seal_events():
        pass


# An event that is not sealed yet.
sweep(
    "EXISTS (SELECT 1 FROM {firm}.audit_event e WHERE NOT EXISTS "
    "(SELECT 1 FROM {firm}.audit_seal s WHERE s.event_id = e.id))",
    seal_audit,
)


class ChainBroken(Exception):
    """Somebody changed the trail; operators find it among the failed tasks."""


@nightly
@firm_task
def verify_trail() -> None:
    """Recompute the current firm's chain. Raises ``ChainBroken``."""
    report = verify_chain()
    if not report.intact:
        raise ChainBroken(f"link {report.broken_at}: {report.reason}")
