"""Invoices are found by the numbers of their credit notes too."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from billing.credit_notes.models import CreditNote
from billing.invoices.search_sources import register_source


@register_source
def invoices_credited_by(text: str) -> QuerySet[Any, Any]:
    """Ids of invoices with a credit note whose number contains ``text``."""
    return CreditNote.objects.filter(number__icontains=text).order_by().values("invoice_id")
