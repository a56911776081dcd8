"""How an invoice becomes one that asks for its money, whoever wrote it."""

from __future__ import annotations

from datetime import timedelta

from billing.invoices.models import Invoice, InvoiceTransition
from billing.invoices.services.postings import issue_posting
from billing.invoices.services.states import transition
from billing.ledger.services import Posting
from tenants.people.models import User


def open_invoice(
    invoice: Invoice, *, terms: timedelta, by: User, reason: str = ""
) -> tuple[list[InvoiceTransition], Posting]:
    """Open a draft that has its number, issue date and sums, in memory.

    It is due after ``terms`` unless it names a date; one over nothing is paid at once. The caller
    saves the invoice and its transitions and posts the posting, of many invoices together.
    Raises ``WrongInvoiceState``.
    """
    assert invoice.issue_date is not None  # noqa: S101  the caller set it
    if invoice.due_date is None:
        invoice.due_date = invoice.issue_date + terms
    moves = [transition(invoice, Invoice.Status.OPEN, by=by, reason=reason)]
    if invoice.total == 0:
        moves.append(transition(invoice, Invoice.Status.PAID, by=by))
    return moves, issue_posting(invoice)
