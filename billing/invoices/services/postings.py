"""What invoices post to the ledger, beside the sums that are kept on the invoice.

``paid_total`` and ``credited_total`` are the fast copy of the ledger's balance: they change here,
and the caller posts the entry and saves the column in the same transaction.
"""

from __future__ import annotations

from decimal import Decimal

from billing.invoices.models import Invoice
from billing.ledger.models import Account, LedgerTransaction
from billing.ledger.services import Entry, Posting

Kind = LedgerTransaction.Kind


def _owed(invoice: Invoice, account: Account, amount: Decimal) -> Entry:
    return Entry(account, amount, client_id=invoice.client_id, invoice_id=invoice.pk)


def issue_posting(invoice: Invoice) -> Posting:
    """The client owes the total, which is billed revenue (gross)."""
    entries = [
        _owed(invoice, Account.RECEIVABLE, invoice.total),
        Entry(Account.REVENUE, -invoice.total),
    ]
    return Posting(Kind.ISSUE, invoice.pk, invoice.currency, entries)


def void_posting(invoice: Invoice) -> Posting:
    """The reverse of issuing: nothing was paid or credited."""
    entries = [
        Entry(Account.REVENUE, invoice.total),
        _owed(invoice, Account.RECEIVABLE, -invoice.total),
    ]
    return Posting(Kind.VOID, invoice.pk, invoice.currency, entries)


def write_off_posting(invoice: Invoice) -> Posting:
    """What is open is no longer expected, but still counts if it comes."""
    entries = [
        _owed(invoice, Account.WRITTEN_OFF, invoice.balance),
        _owed(invoice, Account.RECEIVABLE, -invoice.balance),
    ]
    return Posting(Kind.WRITE_OFF, invoice.pk, invoice.currency, entries)


def _where_it_stands(invoice: Invoice) -> Account:
    if invoice.status == Invoice.Status.WRITTEN_OFF:
        return Account.WRITTEN_OFF
    return Account.RECEIVABLE


def pay_part(invoice: Invoice, amount: Decimal) -> Entry:
    """Add to what was paid of a locked invoice, before its state moves; the entry to post."""
    invoice.paid_total += amount
    return _owed(invoice, _where_it_stands(invoice), -amount)


def credit_part(invoice: Invoice, amount: Decimal) -> Entry:
    """Add to what was credited of a locked invoice, before its state moves; the entry to post."""
    invoice.credited_total += amount
    return _owed(invoice, _where_it_stands(invoice), -amount)
