"""What is over is cleared each night."""

from __future__ import annotations

from infra.events.schedules import nightly
from infra.events.task_base import firm_task
from tenants.access.expiry import clear_ended_access


@nightly
@firm_task
def clear_access() -> None:
    """Delete the current firm's sessions, links and invitations that are over."""
    clear_ended_access()
