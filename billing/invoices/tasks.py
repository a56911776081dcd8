"""Invoices' work behind the pages."""

from __future__ import annotations

from billing.invoices.pdf_drawing import clear_drawings
from infra.events.schedules import nightly
from infra.events.task_base import firm_task


@nightly
@firm_task
def clear_pdf_drawings() -> None:
    """Delete the drawings that were made for readers a week ago."""
    clear_drawings()
