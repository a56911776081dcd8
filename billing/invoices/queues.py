"""What waits for the firm: bills to send, drafts, late ones, and what clients owe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, DecimalField, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from billing.invoices.models import Invoice, InvoiceLine
from infra.common.actor import Reader
from infra.common.money import Money
from infra.tenancy.locale_formats import today_of_firm


@dataclass(frozen=True, slots=True)
class Queue:
    """How many invoices wait, for how much (per currency), and the earliest date among them."""

    count: int = 0
    sums: tuple[Money, ...] = ()
    earliest: date | None = None


@dataclass(frozen=True, slots=True)
class InvoiceQueues:
    """The queues of the console's first page."""

    to_send: Queue = field(default_factory=Queue)
    drafts: Queue = field(default_factory=Queue)
    overdue: Queue = field(default_factory=Queue)


_AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=14, decimal_places=2)


def unsent(user: Reader) -> Any:
    """Issued or imported bills with something to pay that were never sent."""
    return Invoice.objects.visible_to(user).payable().filter(sent_at__isnull=True)


def invoice_queues(user: Reader) -> InvoiceQueues:
    """All queues in one statement."""
    today = today_of_firm()
    payable = Q(status__in=Invoice.OPEN_STATES, balance__gt=0)
    kinds = {
        "to_send": (payable & Q(sent_at__isnull=True), "issue_date"),
        "drafts": (Q(status=Invoice.Status.DRAFT), "created_at__date"),
        "overdue": (payable & Q(due_date__lt=today), "due_date"),
    }
    wanted: dict[str, Any] = {}
    for name, (condition, day) in kinds.items():
        owed = "total" if name == "drafts" else "balance"
        wanted[f"{name}_count"] = Count("pk", filter=condition)
        wanted[f"{name}_sum"] = Sum(owed, filter=condition)
        wanted[f"{name}_day"] = Min(day, filter=condition)
    rows: list[Any] = list(
        Invoice.objects.visible_to(user).order_by().values("currency").annotate(**wanted)
    )
    found = {}
    for name in kinds:
        mine = [row for row in rows if row[f"{name}_count"]]
        found[name] = Queue(
            count=sum(row[f"{name}_count"] for row in mine),
            sums=tuple(Money(row[f"{name}_sum"], row["currency"]) for row in mine),
            earliest=min((row[f"{name}_day"] for row in mine), default=None),
        )
    return InvoiceQueues(**found)


@dataclass(frozen=True, slots=True)
class ClientBalance:
    """What one client owes in one currency, and how much of it is late."""

    open: Money
    overdue: Money
    count: int


def balances_of(user: Reader, clients: Iterable[UUID]) -> dict[UUID, list[ClientBalance]]:
    """Open balances of these clients, per currency, in one statement."""
    today = today_of_firm()
    zero = Value(Decimal(0), output_field=_AMOUNT)
    late = Case(When(due_date__lt=today, then=F("balance")), default=zero)
    rows = (
        Invoice.objects.visible_to(user)
        .payable()
        .filter(client__in=list(clients))
        .order_by()
        .values("client_id", "currency")
        .annotate(open=Sum("balance"), overdue=Coalesce(Sum(late), zero), count=Count("pk"))
        .order_by("currency")
    )
    found: dict[UUID, list[ClientBalance]] = {}
    for row in rows:
        found.setdefault(row["client_id"], []).append(
            ClientBalance(
                open=Money(row["open"], row["currency"]),
                overdue=Money(row["overdue"], row["currency"]),
                count=row["count"],
            )
        )
    return found


def sendable(user: Reader, ids: Iterable[UUID]) -> list[Invoice]:
    """The picked invoices that can be sent, drafts included, with their clients."""
    states = (Invoice.Status.DRAFT, *Invoice.OPEN_STATES, Invoice.Status.PAID)
    return list(
        Invoice.objects.visible_to(user)
        .filter(pk__in=list(ids), status__in=states)
        .select_related("client", "matter")
        .order_by("client__name", "issue_date", "id")
    )


def staff_lines(invoice: Invoice) -> QuerySet[InvoiceLine]:
    """The lines with internal notes, for the firm's own eyes."""
    return invoice.lines.select_related("timekeeper").order_by("position")
