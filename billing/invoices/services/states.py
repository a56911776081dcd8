"""The state machine: which change is lawful, and the one place that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.invoices.models import Invoice, InvoiceTransition
from infra.common.errors import Conflict
from tenants.people.models import User

S = Invoice.Status
# What a service does and posts, and no more. Money that is taken back (a bank's return, a dispute)
# has no posting yet, so nothing that was paid opens again.
ALLOWED: Mapping[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.OPEN}),
    S.OPEN: frozenset({S.PARTIALLY_PAID, S.PAID, S.VOID, S.CREDITED, S.WRITTEN_OFF}),
    S.PARTIALLY_PAID: frozenset({S.PAID, S.CREDITED, S.WRITTEN_OFF}),
    S.PAID: frozenset({S.CREDITED}),
    S.WRITTEN_OFF: frozenset({S.PAID, S.CREDITED}),
    S.VOID: frozenset(),
    S.CREDITED: frozenset(),
}


class WrongInvoiceState(Conflict):
    """The invoice is not in a state in which this can be done."""

    message = _("This is not possible for an invoice in this state.")


def transition(
    invoice: Invoice, to: str, *, by: User | None, reason: str = ""
) -> InvoiceTransition:
    """Change the state in memory; the unsaved record of it. Raises ``WrongInvoiceState``."""
    if to not in ALLOWED[invoice.status]:
        raise WrongInvoiceState
    made = InvoiceTransition(
        invoice=invoice, from_status=invoice.status, to_status=to, by=by, reason=reason
    )
    invoice.status = to
    return made


def move_invoice(invoice: Invoice, to: str, *, by: User | None, reason: str = "") -> None:
    """Change the state of a locked invoice and record it. Raises ``WrongInvoiceState``."""
    if invoice.status != to:
        transition(invoice, to, by=by, reason=reason).save()


def locked(invoice: Any) -> Invoice:
    """The invoice as it is now, locked until the transaction ends."""
    found: Invoice = Invoice.objects.select_for_update(of=("self",)).get(
        pk=getattr(invoice, "pk", invoice)
    )
    return found
