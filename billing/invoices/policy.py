"""Who may do what with invoices."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from billing.invoices.models import Invoice
from tenants.people.models import Contact, User
from tenants.people.policy import can_manage_bills, can_manage_client

__all__ = ["can_manage_bills", "can_pay", "can_pay_now", "can_void", "can_write_off", "pays_for"]


def can_pay(user: Any, invoice: Invoice) -> bool:
    """A contact of the invoice's client whose access has not ended and who may pay."""
    return bool(
        getattr(user, "is_active", False)
        and user.kind == User.Kind.CLIENT
        and invoice.shared_at is not None
        and Contact.objects.active()
        .of(user)
        .filter(client_id=invoice.client_id, may_pay=True)
        .exists()
    )


def can_pay_now(user: Any, invoice: Invoice) -> bool:
    """May pay, and there is something to pay."""
    return invoice.status in Invoice.OPEN_STATES and invoice.balance > 0 and can_pay(user, invoice)


def pays_for(person: Any) -> QuerySet[Contact]:
    """The contacts through whom a person may pay; ``can_pay`` for a whole list at once."""
    return Contact.objects.active().of(person).filter(may_pay=True)


def can_void(user: Any, invoice: Invoice) -> bool:
    """Whoever bills this client, as long as nothing was paid or credited."""
    return (
        invoice.status == Invoice.Status.OPEN
        and not (invoice.paid_total or invoice.credited_total)
        and can_manage_bills(user)
        and can_manage_client(user, invoice.client)
    )


def can_write_off(user: Any, invoice: Invoice) -> bool:
    """Whoever bills this client, as long as something is open."""
    return (
        invoice.status in Invoice.OPEN_STATES
        and invoice.balance > 0
        and can_manage_bills(user)
        and can_manage_client(user, invoice.client)
    )
