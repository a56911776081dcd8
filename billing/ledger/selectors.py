"""Read balances of the ledger."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from billing.ledger.models import Account, LedgerEntry
from infra.common.money import Money
from tenants.people.models import Client


def held_for(client: Client) -> list[Money]:
    """What the firm holds for a client on its own account: overpaid or credited after payment."""
    return _owed_to(client, Account.CLIENT_CREDIT)


def trust_held_for(client: Client) -> list[Money]:
    """What the firm holds for a client in trust."""
    return _owed_to(client, Account.TRUST_LIABILITY)


def _owed_to(client: Client, account: Account) -> list[Money]:
    """One sum for each currency in which anything is held."""
    sums = (
        LedgerEntry.objects.filter(client=client, account=account)
        .order_by()
        .values_list("currency")
        .annotate(sum=Sum("amount"))
        .order_by("currency")
    )
    return [Money(-found, currency) for currency, found in sums if found]


def held_from(document_id: UUID) -> Decimal:
    """How much one payment or credit note added to what is held for its client."""
    found = LedgerEntry.objects.filter(
        transaction__document_id=document_id, account=Account.CLIENT_CREDIT
    ).aggregate(sum=Sum("amount"))
    return -(found["sum"] or Decimal(0))
