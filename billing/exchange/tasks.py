"""Large imports' work behind the pages."""

from __future__ import annotations

from billing.exchange.background import work_on
from infra.events.schedules import sweep
from infra.events.task_base import IMPORTS, firm_task


# The largest file takes about a minute on a machine that has nothing else to do.
@firm_task(queue=IMPORTS, soft_time_limit=600, time_limit=660)
def work_on_imports() -> None:
    """Read and write what the current firm has waiting."""
    work_on()


# A file that no worker was heard of about for a minute: its message was lost, or its worker died.
sweep(
    "EXISTS (SELECT 1 FROM {firm}.import_run WHERE state IN ('reading', 'running') "
    "AND worked_at < now() - interval '1 minute')",
    work_on_imports,
)
