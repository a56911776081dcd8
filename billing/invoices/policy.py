"""Who may do what with invoices."""

from __future__ import annotations

from django.db.models import QuerySet

from billing.invoices.models import Invoice
from infra.common.actor import Actor, Reader
from tenants.firms.permissions import Permission
from tenants.people.models import Contact


def is_payable(invoice: Invoice) -> bool:
    """Something is open, and it is asked for."""
    return invoice.status in Invoice.OPEN_STATES and invoice.balance > 0


def is_voidable(invoice: Invoice) -> bool:
    """Issued, and nothing was paid or credited."""
    return invoice.status == Invoice.Status.OPEN and not (
        invoice.paid_total or invoice.credited_total
    )


def can_pay(user: Actor, invoice: Invoice) -> bool:
    """A contact of the invoice's client whose access has not ended and who may pay."""
    return invoice.shared_at is not None and user.may(
        Permission.PAY_INVOICES, client_id=invoice.client_id
    )


def can_pay_now(user: Actor, invoice: Invoice) -> bool:
    """May pay, and there is something to pay."""
    return is_payable(invoice) and can_pay(user, invoice)


def pays_for(person: Reader) -> QuerySet[Contact]:
    """The contacts through whom a person may pay; ``can_pay`` for a whole list at once."""
    return Contact.objects.active().of(person).filter(may_pay=True)


def can_void(user: Actor, invoice: Invoice) -> bool:
    """Whoever bills this client, as long as nothing was paid or credited."""
    return is_voidable(invoice) and user.may(Permission.MANAGE_BILLS, client_id=invoice.client_id)


def can_write_off(user: Actor, invoice: Invoice) -> bool:
    """Whoever bills this client, as long as something is open."""
    return is_payable(invoice) and user.may(Permission.MANAGE_BILLS, client_id=invoice.client_id)
