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
)
from django.db.models.functions import Coalesce, Greatest, Least

from billing.credit_notes.models import CreditNote, CreditNoteLine, CreditNoteVat
from billing.invoices.models import Invoice, InvoiceLine, InvoiceVat
from billing.numbering.models import NumberSeries, SkippedNumber
from billing.payments.models import Allocation, Payment
from billing.payments.services.applying import RECEIPT_SERIES

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
        "money that came is allocated, and only money that came",
        Payment.objects.order_by("pk")
        .annotate(parts=Count("allocations"))
        .exclude(Q(state="succeeded", parts__gt=0) | (~Q(state="succeeded") & Q(parts=0))),
    )
    yield (
        "money goes to invoices of the client who paid, in the currency it came in",
        Allocation.objects.order_by("pk")
        .exclude(invoice=None)
        .exclude(invoice__client=F("payment__client"), invoice__currency=F("payment__currency")),
    )
    imported = Invoice.objects.filter(series=None, number=OuterRef("number"))
    yield (
        "a skipped number is that of an imported invoice",
        SkippedNumber.objects.order_by("pk").exclude(Exists(imported)),
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
        + _numbered(receipts, Value(RECEIPT_SERIES, output_field=CharField()))
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
