"""Write to the ledger, in the transaction of the fact that is posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from billing.ledger.models import Account, LedgerEntry, LedgerTransaction
from tenants.people.models import Client

BATCH = 1000


class Unbalanced(ValueError):
    """The entries do not sum to zero: a fault of the calling service, not of its user."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side: ``amount`` in the posting's currency, debit positive, credit negative."""

    account: Account
    amount: Decimal
    client_id: UUID | None = None
    invoice_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """What one document does to the ledger, in one currency. Entries of nothing are left out."""

    kind: LedgerTransaction.Kind
    document_id: UUID
    currency: str
    entries: Sequence[Entry]


def post_documents(*, postings: Sequence[Posting]) -> None:
    """Write the postings in the caller's transaction; the caller has checked who may do it.

    A document is posted once for each kind. Raises ``Unbalanced``. That balances hold and that
    nothing held for a client falls below zero is checked by the database when it commits.
    """
    transactions: list[LedgerTransaction] = []
    rows: list[LedgerEntry] = []
    for posting in postings:
        entries = [entry for entry in posting.entries if entry.amount]
        if not entries:
            continue
        if sum(entry.amount for entry in entries):
            raise Unbalanced(f"{posting.kind} {posting.document_id}")
        made = LedgerTransaction(
            kind=posting.kind, document_id=posting.document_id, entry_count=len(entries)
        )
        transactions.append(made)
        rows += [
            LedgerEntry(
                transaction_id=made.pk,
                account=entry.account,
                client_id=entry.client_id,
                invoice_id=entry.invoice_id,
                currency=posting.currency,
                amount=entry.amount,
            )
            for entry in entries
        ]
    with transaction.atomic():
        LedgerTransaction.objects.bulk_create(transactions, batch_size=BATCH)
        LedgerEntry.objects.bulk_create(rows, batch_size=BATCH)


def post_trust_movement(
    *, client: Client, document_id: UUID, amount: Decimal, currency: str
) -> None:
    """Money of a client that came into the trust account (``amount`` above zero) or left it."""
    post_documents(
        postings=[
            Posting(
                LedgerTransaction.Kind.TRUST,
                document_id,
                currency,
                [
                    Entry(Account.TRUST_BANK, amount),
                    Entry(Account.TRUST_LIABILITY, -amount, client_id=client.pk),
                ],
            )
        ]
    )
