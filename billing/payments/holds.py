"""A running payment keeps its invoices from being closed."""

from __future__ import annotations

from billing.invoices.holds import register_hold
from billing.invoices.models import Invoice
from billing.invoices.services.issuing import PaymentUnderWay
from billing.payments.models import PaymentItem


@register_hold
def refuse_while_paying(invoice: Invoice) -> None:
    """Raise ``PaymentUnderWay`` while somebody pays. An attempt starts under the invoice's lock."""
    if PaymentItem.objects.filter(invoice=invoice, is_live=True).exists():
        raise PaymentUnderWay
