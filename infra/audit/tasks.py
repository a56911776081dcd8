"""The sealer as a task."""

from __future__ import annotations

from infra.audit.services import seal_events
from infra.common.tasks import firm_task


@firm_task
def seal_audit() -> None:
    """Chain the current firm's new events."""
    while seal_events():
        pass
