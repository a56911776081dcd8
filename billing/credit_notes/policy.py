"""Who may credit what."""

from __future__ import annotations

from billing.invoices.models import Invoice
from infra.common.actor import Actor
from tenants.firms.permissions import Permission

# A draft is changed or thrown away; a void invoice asks for nothing.
UNCREDITABLE = (Invoice.Status.DRAFT, Invoice.Status.VOID, Invoice.Status.CREDITED)


def is_creditable(invoice: Invoice) -> bool:
    """It asked for money and was not all credited."""
    return invoice.status not in UNCREDITABLE and invoice.total > 0


def can_credit(user: Actor, invoice: Invoice) -> bool:
    """Whoever bills this client, as long as the invoice asked for money and was not all credited."""
    return is_creditable(invoice) and user.may(Permission.MANAGE_BILLS, client_id=invoice.client_id)
