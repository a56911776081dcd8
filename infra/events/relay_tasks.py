"""The relay as a task."""

from __future__ import annotations

from infra.events.services import relay
from infra.events.tasks import firm_task


@firm_task
def relay_outbox() -> None:
    """Carry out the current firm's outbox."""
    relay()
