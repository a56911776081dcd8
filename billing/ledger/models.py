"""The ledger: append-only double entry, kept by the database (``migrations/0003_checks.py``).

Amounts are signed: debits positive, credits negative. Documents of other rooms are named by
their id, without a foreign key. No names and no free text: what happened is in the documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone

from infra.common.primary_keys import new_key
from tenants.people.models import Client


class Book(models.TextChoices):
    """The firm's own money and its clients' money: no entry of one balances one of the other."""

    OPERATING = "operating"
    TRUST = "trust"


class Account(models.TextChoices):
    """The chart of accounts; docs/payments.md says which service posts to which."""

    RECEIVABLE = "receivable"
    WRITTEN_OFF = "written_off"
    CLIENT_CREDIT = "client_credit"
    CLEARING = "clearing"
    REVENUE = "revenue"
    TRUST_BANK = "trust_bank"
    TRUST_LIABILITY = "trust_liability"


OF_A_CLIENT = ("receivable", "written_off", "client_credit", "trust_liability")
OF_AN_INVOICE = ("receivable", "written_off")
HELD_FOR_CLIENTS = ("client_credit", "trust_liability")
OF_TRUST = ("trust_bank", "trust_liability")


class LedgerTransaction(models.Model):
    """What one document does to the ledger; ``kind`` says what kind of document it is."""

    class Kind(models.TextChoices):
        ISSUE = "issue"
        VOID = "void"
        WRITE_OFF = "write_off"
        PAYMENT = "payment"
        CREDIT_NOTE = "credit_note"
        TRUST = "trust"

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    document_id = models.UUIDField()
    at = models.DateTimeField(default=timezone.now)
    # How many entries it has, so that none can be added later.
    entry_count = models.PositiveSmallIntegerField()

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        db_table = "ledger_transaction"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["document_id", "kind"], name="ledger_transaction_once_per_document"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["issue", "void", "write_off", "payment", "credit_note", "trust"]
                ),
                name="ledger_transaction_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(entry_count__gte=2), name="ledger_transaction_has_entries"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.document_id}"


# What each kind of document may post to; the database keeps it (``migrations/0003_checks.py``).
ACCOUNTS_OF: Mapping[str, tuple[Account, ...]] = {
    LedgerTransaction.Kind.ISSUE: (Account.RECEIVABLE, Account.REVENUE),
    LedgerTransaction.Kind.VOID: (Account.RECEIVABLE, Account.REVENUE),
    LedgerTransaction.Kind.WRITE_OFF: (Account.RECEIVABLE, Account.WRITTEN_OFF),
    LedgerTransaction.Kind.PAYMENT: (
        Account.CLEARING,
        Account.RECEIVABLE,
        Account.WRITTEN_OFF,
        Account.CLIENT_CREDIT,
    ),
    LedgerTransaction.Kind.CREDIT_NOTE: (
        Account.REVENUE,
        Account.RECEIVABLE,
        Account.WRITTEN_OFF,
        Account.CLIENT_CREDIT,
    ),
    LedgerTransaction.Kind.TRUST: (Account.TRUST_BANK, Account.TRUST_LIABILITY),
}


class LedgerEntry(models.Model):
    """One side of a transaction: ``amount`` (debit positive) of ``currency`` on an account."""

    transaction = models.ForeignKey(
        LedgerTransaction, on_delete=models.PROTECT, related_name="entries"
    )
    account = models.CharField(max_length=16, choices=Account)
    book = models.GeneratedField(
        expression=Case(
            When(account__in=OF_TRUST, then=Value("trust")), default=Value("operating")
        ),
        output_field=models.CharField(max_length=9),
        db_persist=True,
    )
    client = models.ForeignKey(
        Client, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    invoice_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        db_table = "ledger_entry"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(account__in=[*OF_A_CLIENT, "clearing", "revenue", "trust_bank"]),
                name="ledger_entry_account_known",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_entry_says_something"),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"), name="ledger_entry_currency_code"
            ),
            models.CheckConstraint(
                condition=Q(account__in=OF_A_CLIENT, client__isnull=False)
                | (~Q(account__in=OF_A_CLIENT) & Q(client__isnull=True)),
                name="ledger_entry_client_where_due",
            ),
            models.CheckConstraint(
                condition=Q(account__in=OF_AN_INVOICE, invoice_id__isnull=False)
                | (~Q(account__in=OF_AN_INVOICE) & Q(invoice_id__isnull=True)),
                name="ledger_entry_invoice_where_due",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "account", "currency"], name="ledger_entry_client"),
            models.Index(
                fields=["invoice_id"],
                condition=Q(invoice_id__isnull=False),
                name="ledger_entry_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency}"
