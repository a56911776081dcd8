"""Who may credit what."""

from __future__ import annotations

from typing import Any

from billing.invoices.models import Invoice
from tenants.people.policy import can_manage_bills, can_manage_client

# A draft is changed or thrown away; a void invoice asks for nothing.
UNCREDITABLE = (Invoice.Status.DRAFT, Invoice.Status.VOID, Invoice.Status.CREDITED)


def can_credit(user: Any, invoice: Invoice) -> bool:
    """Whoever bills this client, as long as the invoice asked for money and was not all credited."""
    return (
        invoice.status not in UNCREDITABLE
        and invoice.total > 0
        and can_manage_bills(user)
        and can_manage_client(user, invoice.client)
    )
