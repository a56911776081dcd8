"""Whether a firm's books add up: every sum that is stored beside what it is the sum of.

The database's constraints and the services keep these promises at each change; this reads
them back, so that a restored backup, a hand-made change or a fault of ours does not stay unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least

from billing.credit_notes.models import CreditNote, CreditNoteLine, CreditNoteVat
from billing.invoices.models import Invoice, InvoiceLine, InvoiceVat
from billing.ledger.models import (
    ACCOUNTS_OF,
    HELD_FOR_CLIENTS,
    Account,
    LedgerEntry,
    LedgerTransaction,
)
from billing.numbering.models import NumberSeries, SkippedNumber
from billing.numbering.series import Series
from billing.payments.models import Allocation, Payment
from tenants.people.models import Client

Kind = LedgerTransaction.Kind
_MONEY: DecimalField[Any, Any] = DecimalField(max_digits=16, decimal_places=2)
ZERO = Value(Decimal(0), output_field=_MONEY)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class BookError:
    """A promise that does not hold, how often, and the first documents it was seen on."""

    promise: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.promise}: {self.count} ({', '.join(self.examples)})"


def _sum(rows: QuerySet[Any], key: str, amount: str) -> Coalesce:
    """The sum of ``amount`` over the rows of this document; zero without any."""
    one = rows.filter(**{key: OuterRef("pk")}).order_by().values(key)
    return Coalesce(
        Subquery(one.annotate(sum=Sum(amount)).values("sum"), output_field=_MONEY),
        ZERO,
    )


def _questions() -> Iterator[tuple[str, QuerySet[Any]]]:
    """Each promise, with the documents that break it."""
    invoices = Invoice.objects.order_by("pk")
    lines = _sum(InvoiceLine.objects.all(), "invoice", "amount")
    yield "net total is the sum of the lines", invoices.exclude(net_total=lines)
    vat = _sum(InvoiceVat.objects.all(), "invoice", "amount")
    yield "VAT total is the sum over the rates", invoices.exclude(vat_total=vat)
    paid = _sum(Allocation.objects.all(), "invoice", "amount")
    yield "what is paid is the sum of the allocations", invoices.exclude(paid_total=paid)
    offset = _sum(CreditNote.objects.all(), "invoice", "offset_total")
    yield "what is credited is the sum of the credit notes", invoices.exclude(credited_total=offset)
    taken = _sum(CreditNote.objects.all(), "invoice", "total")
    yield (
        "no more is credited than was billed",
        invoices.annotate(taken=taken).filter(taken__gt=Greatest(F("total"), ZERO)),
    )
    wrong_state = (
        Q(status="open", paid_total__gt=0)
        | Q(status="partially_paid", paid_total=0)
        | Q(status__in=Invoice.OPEN_STATES, total__gt=0, balance__lte=0)
        | Q(status__in=("paid", "credited")) & ~Q(balance=0)
        | Q(status__in=("draft", "void")) & ~Q(paid_total=0, credited_total=0)
    )
    yield "the state fits what is open", invoices.filter(wrong_state)
    yield from _questions_on_credits()
    yield (
        "money that came is posted, and only money that came",
        Payment.objects.order_by("pk")
        .annotate(posted=Exists(_posted(Kind.PAYMENT)))
        .exclude(Q(state="succeeded", posted=True) | (~Q(state="succeeded") & Q(posted=False))),
    )
    yield (
        "money goes to invoices of the client who paid, in the currency it came in",
        Allocation.objects.order_by("pk").exclude(
            invoice__client=F("payment__client"), invoice__currency=F("payment__currency")
        ),
    )
    yield from _questions_on_the_ledger()
    imported = Invoice.objects.filter(series=None, number=OuterRef("number"))
    yield (
        "a skipped number is that of an imported invoice",
        SkippedNumber.objects.order_by("pk").exclude(Exists(imported)),
    )


def _posted(kind: str) -> QuerySet[Any]:
    """The ledger transactions of the document that is asked about."""
    found: QuerySet[Any] = LedgerTransaction.objects.filter(kind=kind, document_id=OuterRef("pk"))
    return found


def _posted_by(kind: str, key: str, **which: Any) -> Any:
    """What documents of ``kind`` took off, as a positive sum, by invoice or by document."""
    return ZERO - _sum(LedgerEntry.objects.filter(transaction__kind=kind, **which), key, "amount")


def _revenue_of(kind: str) -> Any:
    """What documents of ``kind`` posted to revenue, as a positive sum where they added to it."""
    return _posted_by(kind, "transaction__document_id", account=Account.REVENUE)


def _questions_on_the_ledger() -> Iterator[tuple[str, QuerySet[Any]]]:
    """The ledger by itself, then each document against it and it against each document."""
    entries, by_document = LedgerEntry.objects.order_by(), "transaction__document_id"
    transactions = LedgerTransaction.objects.order_by("pk")
    uneven = entries.values("transaction", "currency", "book").annotate(sum=Sum("amount"))
    yield (
        "a ledger transaction sums to zero in each currency and book",
        transactions.filter(pk__in=uneven.exclude(sum=0).values("transaction")),
    )
    yield (
        "a ledger transaction has all of its entries",
        transactions.annotate(parts=Count("entries")).exclude(parts=F("entry_count")),
    )
    held = entries.filter(account__in=HELD_FOR_CLIENTS)
    short = held.values("client", "account", "currency").annotate(sum=Sum("amount"))
    yield (
        "nothing held for a client is below zero",
        Client.objects.order_by("pk").filter(pk__in=short.filter(sum__gt=0).values("client")),
    )
    for account, states in (
        (Account.RECEIVABLE, ("open", "partially_paid", "paid", "credited")),
        (Account.WRITTEN_OFF, ("written_off",)),
    ):
        owed = Case(When(status__in=states, then=F("balance")), default=ZERO, output_field=_MONEY)
        posted = _sum(LedgerEntry.objects.filter(account=account), "invoice_id", "amount")
        yield (
            f"the ledger ({account}) has what is open on the invoice",
            Invoice.objects.order_by("pk").annotate(owed=owed).exclude(owed=posted),
        )
    invoices = Invoice.objects.order_by("pk")
    billed = Case(When(status="draft", then=ZERO), default=F("total"), output_field=_MONEY)
    yield (
        "the ledger has what was billed",
        invoices.annotate(billed=billed).exclude(billed=_revenue_of(Kind.ISSUE)),
    )
    voided = Case(When(status="void", then=F("total")), default=ZERO, output_field=_MONEY)
    yield (
        "the ledger has what was taken back by voiding",
        invoices.annotate(voided=voided).exclude(voided=ZERO - _revenue_of(Kind.VOID)),
    )
    yield (
        "the ledger has what credit notes took off revenue",
        CreditNote.objects.order_by("pk").exclude(total=ZERO - _revenue_of(Kind.CREDIT_NOTE)),
    )
    for kind, accounts in ACCOUNTS_OF.items():
        other = entries.filter(transaction__kind=kind).exclude(account__in=accounts)
        yield (
            f"a posting of this kind is on its own accounts ({kind})",
            transactions.filter(pk__in=other.values("transaction")),
        )
    on_invoices = {"invoice_id__isnull": False}
    yield (
        "the ledger has what was paid on the invoice",
        invoices.exclude(paid_total=_posted_by(Kind.PAYMENT, "invoice_id")),
    )
    yield (
        "the ledger has what was credited on the invoice",
        invoices.exclude(credited_total=_posted_by(Kind.CREDIT_NOTE, "invoice_id")),
    )
    yield (
        "the ledger has what the payment brought to invoices",
        Payment.objects.order_by("pk")
        .annotate(allocated=_sum(Allocation.objects.all(), "payment", "amount"))
        .exclude(allocated=_posted_by(Kind.PAYMENT, by_document, **on_invoices)),
    )
    came = _sum(LedgerEntry.objects.filter(account=Account.CLEARING), by_document, "amount")
    yield (
        "the ledger has what the payment brought",
        Payment.objects.annotate(brought=Coalesce("received", ZERO))
        .order_by("pk")
        .exclude(brought=came),
    )
    yield (
        "an allocation is in the ledger",
        Allocation.objects.order_by("pk").exclude(
            Exists(
                LedgerEntry.objects.filter(
                    transaction__kind=Kind.PAYMENT,
                    transaction__document_id=OuterRef("payment_id"),
                    invoice_id=OuterRef("invoice_id"),
                    amount=ZERO - OuterRef("amount"),
                )
            )
        ),
    )
    notes, credit = CreditNote.objects.order_by("pk"), {"account": Account.CLIENT_CREDIT}
    yield (
        "the ledger has what the credit note took off and what it holds",
        notes.exclude(
            offset_total=_posted_by(Kind.CREDIT_NOTE, by_document, **on_invoices),
            surplus_total=_posted_by(Kind.CREDIT_NOTE, by_document, **credit),
        ),
    )
    yield from _questions_on_entries()


def _questions_on_entries() -> Iterator[tuple[str, QuerySet[Any]]]:
    """Whether what the ledger names is there, and whose it is."""
    entries = LedgerEntry.objects.order_by("pk")
    of_one = {"client": OuterRef("client"), "currency": OuterRef("currency")}
    invoice = Invoice.objects.filter(pk=OuterRef("invoice_id"), **of_one)
    yield (
        "a posting on an invoice is for its client, in its currency",
        entries.exclude(invoice_id=None).exclude(Exists(invoice)),
    )
    document = {"pk": OuterRef("transaction__document_id")}
    payment = Payment.objects.filter(**document, **of_one)
    note = CreditNote.objects.filter(
        **document, invoice__client=OuterRef("client"), invoice__currency=OuterRef("currency")
    )
    kept = entries.filter(account=Account.CLIENT_CREDIT)
    yield (
        "what is held is for the client of its payment or credit note",
        kept.exclude(Exists(payment)).exclude(Exists(note)),
    )
    own = {"pk": OuterRef("document_id")}
    for kind, documents in (
        (Kind.ISSUE, Invoice.objects.exclude(status="draft")),
        (Kind.VOID, Invoice.objects.filter(status="void")),
        (Kind.WRITE_OFF, Invoice.objects.exclude(status__in=("draft", "open", "void"))),
        (Kind.PAYMENT, Payment.objects.filter(state="succeeded")),
        (Kind.CREDIT_NOTE, CreditNote.objects.all()),
    ):
        yield (
            f"the ledger names documents that are there ({kind})",
            LedgerTransaction.objects.order_by("pk")
            .filter(kind=kind)
            .exclude(Exists(documents.filter(**own))),
        )


def _questions_on_credits() -> Iterator[tuple[str, QuerySet[Any]]]:
    notes = CreditNote.objects.order_by("pk")
    yield (
        "a credit note's net is the sum of its lines",
        notes.exclude(net_total=_sum(CreditNoteLine.objects.all(), "credit_note", "amount")),
    )
    yield (
        "a credit note's VAT is the sum over its rates",
        notes.exclude(vat_total=_sum(CreditNoteVat.objects.all(), "credit_note", "amount")),
    )
    yield (
        "a credit note credits lines of its own invoice",
        notes.filter(
            pk__in=CreditNoteLine.objects.exclude(line__invoice=F("credit_note__invoice")).values(
                "credit_note"
            )
        ),
    )
    yield (
        "no more of a line is credited than it says",
        InvoiceLine.objects.order_by("pk")
        .annotate(taken=Sum("credits__amount"))
        .exclude(taken=None)
        .exclude(taken__gte=Least(F("amount"), ZERO), taken__lte=Greatest(F("amount"), ZERO)),
    )
    yield (
        "no more is held for the client than was paid",
        Invoice.objects.order_by("pk").filter(
            paid_total__lt=_sum(CreditNote.objects.all(), "invoice", "surplus_total")
        ),
    )


def _numbered(rows: QuerySet[Any], series: Any) -> Coalesce:
    """How many documents a series numbered; part of the one statement that reads its counter,
    so that a document which is numbered meanwhile does not look like a gap."""
    one = rows.annotate(code=series).filter(code=OuterRef("pk")).order_by().values("code")
    return Coalesce(
        Subquery(one.annotate(sum=Count("pk")).values("sum"), output_field=IntegerField()), 0
    )


def gaps() -> Iterator[BookError]:
    """Series whose counter is not one more than the numbers they gave and skipped."""
    receipts = Payment.objects.exclude(receipt_number=None)
    found = NumberSeries.objects.annotate(
        used=_numbered(Invoice.objects.all(), F("series"))
        + _numbered(CreditNote.objects.all(), F("series"))
        + _numbered(receipts, Value(Series.RECEIPT.value, output_field=CharField()))
        + _numbered(SkippedNumber.objects.all(), F("series"))
    ).exclude(next_number=F("used") + 1)
    for series in found.order_by("code"):
        missing = abs(series.next_number - 1 - series.used)
        yield BookError("numbers have no gaps", missing, (series.code,))


def book_errors() -> list[BookError]:
    """Every promise that the current firm's books break; empty when they add up."""
    found = []
    for promise, broken in _questions():
        count = broken.count()
        if count:
            keys = tuple(str(key) for key in broken.values_list("pk", flat=True)[:SHOWN])
            found.append(BookError(promise, count, keys))
    return [*found, *gaps()]
