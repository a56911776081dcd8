"""Write to the ledger, in the transaction of the fact that is posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from billing.ledger.models import HELD_FOR_CLIENTS, Account, LedgerEntry, LedgerTransaction
from infra.tenancy.database.copying import copy_rows
from tenants.people.models import Client


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
        _lock_clients_taken_from(rows)
        copy_rows(transactions)
        copy_rows(rows)


def _lock_clients_taken_from(entries: Sequence[LedgerEntry]) -> None:
    """Lock, always in the same order, whose held money the entries take from.

    The database locks each client again when it checks the floor, at the end of the transaction
    and in the order of the postings: two transactions that took from the same clients in opposite
    orders would wait for each other.
    """
    taken_from = {
        entry.client_id
        for entry in entries
        if entry.account in HELD_FOR_CLIENTS and entry.amount > 0 and entry.client_id
    }
    if taken_from:
        clients = Client.objects.filter(pk__in=taken_from).order_by("pk")
        list(clients.select_for_update(no_key=True).values_list("pk"))


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
