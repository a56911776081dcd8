"""Read invoices: one query description and one row shape for page, API and export alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, Count, F, Min, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Coalesce
from django.utils import timezone

from billing.invoices.models import Invoice, Timekeeper
from billing.invoices.queries import ORDERINGS, STATUSES, InvoiceQuery
from infra.common.actor import Reader
from infra.common.errors import NotFound
from infra.common.money import Money
from infra.tenancy.database.fast.compiled_query import PERSON, reader_like, rows
from infra.tenancy.locale_formats import today_of_firm

__all__ = [
    "ORDERINGS",
    "STATUSES",
    "Balance",
    "InvoicePage",
    "InvoiceQuery",
    "InvoiceRow",
    "InvoiceUnknown",
    "balances",
    "find_invoices",
    "get_invoice",
    "has_invoices",
    "invoices_by_number",
    "list_invoices",
    "timekeepers",
    "timekeepers_by_code",
    "timekeepers_by_id",
]


class InvoiceUnknown(NotFound):
    """There is no such invoice, or it is not theirs to know of."""


class InvoiceRow(NamedTuple):
    """One invoice in a list. ``status`` is the word people see (``overdue`` included).

    A tuple, for there are many of them: a frozen dataclass takes twice the time to make.
    """

    id: UUID
    number: str
    status: str
    subject: str
    client_id: UUID
    client_name: str
    matter_id: UUID | None
    matter_reference: str
    matter_title: str
    currency: str
    issue_date: date | None
    due_date: date | None
    total: Decimal
    paid_total: Decimal
    credited_total: Decimal
    balance: Decimal
    is_shared: bool
    is_sent: bool

    @property
    def is_payable(self) -> bool:
        return self.balance > 0 and self.status in (*Invoice.OPEN_STATES, Invoice.OVERDUE)


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of rows and how many there are in all."""

    rows: list[InvoiceRow] = field(default_factory=list)
    count: int = 0


def find_invoices(user: Reader, query: InvoiceQuery) -> QuerySet[Invoice]:
    """The invoices a person may see that fit the query, in its order."""
    return _found(user, query, today_of_firm())


def _found(user: Reader, query: InvoiceQuery, today: date) -> QuerySet[Invoice]:
    found: Any = Invoice.objects.visible_to(user)
    if query.status:
        found = found.in_states(query.status, today)
    bounds = {
        "issue_date__gte": query.issued_after,
        "issue_date__lte": query.issued_before,
        "due_date__gte": query.due_after,
        "due_date__lte": query.due_before,
        "total__gte": query.min_total,
        "total__lte": query.max_total,
        "client_id": query.client,
        "matter_id": query.matter,
    }
    found = found.filter(**{name: value for name, value in bounds.items() if value is not None})
    if query.unsent:
        found = found.filter(sent_at__isnull=True)
    found = found.matching(query.search)
    name = query.ordering.removeprefix("-")
    descending = query.ordering.startswith("-")
    order = F(name).desc(nulls_last=True) if descending else F(name).asc(nulls_last=True)
    result: QuerySet[Invoice] = found.order_by(order, "-id")
    return result


COLUMNS = (
    "id",
    "number",
    "status",
    "subject",
    "client_id",
    "client__name",
    "matter_id",
    "matter__reference",
    "matter__title",
    "currency",
    "issue_date",
    "due_date",
    "total",
    "paid_total",
    "credited_total",
    "balance",
    "is_shared",
    "is_sent",
)


def list_invoices(
    user: Reader, query: InvoiceQuery, *, page: int = 1, page_size: int = 25
) -> InvoicePage:
    """One page of rows with the whole count, in one statement (two past the last page)."""
    today = today_of_firm()
    start = (page - 1) * page_size

    def listed(person: Reader) -> QuerySet[Any, Any]:
        found = _found(person, query, today).annotate(
            is_shared=Q(shared_at__isnull=False),
            is_sent=Q(sent_at__isnull=False),
            whole=Window(Count("pk")),
        )
        return found.values_list(*COLUMNS, "whole")[start : start + page_size]

    person = reader_like(user)
    usual = InvoiceQuery(status=query.status, ordering=query.ordering)
    if person is not None and query == usual:
        # What everybody asks for; the key holds all that differs besides the person's id.
        key = ("invoices", person, usual, page, page_size, today, timezone.localdate())
        try:
            values = rows(key, lambda: listed(person), {PERSON: user.pk})
        except EmptyResultSet:
            values = []
    else:
        values = list(listed(user))
    if not values:
        return InvoicePage([], _found(user, query, today).count() if page > 1 else 0)
    return InvoicePage([_row(row, today) for row in values], values[0][-1])


def _row(values: tuple[Any, ...], today: date) -> InvoiceRow:
    status, due = values[2], values[11]
    if status in Invoice.OPEN_STATES and due is not None and due < today:
        status = Invoice.OVERDUE
    return InvoiceRow(
        id=values[0],
        number=values[1] or "",
        status=status,
        subject=values[3],
        client_id=values[4],
        client_name=values[5],
        matter_id=values[6],
        matter_reference=values[7] or "",
        matter_title=values[8] or "",
        currency=values[9],
        issue_date=values[10],
        due_date=due,
        total=values[12],
        paid_total=values[13],
        credited_total=values[14],
        balance=values[15],
        is_shared=values[16],
        is_sent=values[17],
    )


def get_invoice(user: Reader, invoice_id: UUID) -> Invoice:
    """One invoice with client and matter. Raises ``InvoiceUnknown``, absent or forbidden alike."""
    found: Invoice | None = (
        Invoice.objects.visible_to(user)
        .select_related("client", "matter")
        .filter(pk=invoice_id)
        .first()
    )
    if found is None:
        raise InvoiceUnknown
    return found


def has_invoices() -> bool:
    """Whether the firm has any invoice, drafts included."""
    return bool(Invoice.objects.exists())


def invoices_by_number(numbers: Iterable[str]) -> dict[str, Invoice]:
    """Every invoice of the firm that has one of these numbers, with its client, by number."""
    found = Invoice.objects.select_related("client").filter(number__in=list(numbers))
    return {str(invoice.number): invoice for invoice in found}


def timekeepers() -> QuerySet[Timekeeper]:
    """The firm's timekeepers by name."""
    return Timekeeper.objects.order_by("name", "id")


def timekeepers_by_code(codes: Iterable[str]) -> dict[str, Timekeeper]:
    """The timekeepers that have one of these codes, by code."""
    return {keeper.code: keeper for keeper in Timekeeper.objects.filter(code__in=list(codes))}


def timekeepers_by_id(ids: Iterable[UUID]) -> dict[UUID, Timekeeper]:
    """The timekeepers that have one of these ids, by id."""
    return Timekeeper.objects.in_bulk(list(ids))


@dataclass(frozen=True, slots=True)
class Balance:
    """What is open in one currency: in all, of it overdue, by age, and what comes next."""

    currency: str
    open: Money
    overdue: Money
    open_count: int
    overdue_count: int
    next_due: date | None
    ageing: dict[str, Money]


AGES = (
    ("current", None, 0),
    ("1-30", 1, 30),
    ("31-60", 31, 60),
    ("61-90", 61, 90),
    ("90+", 91, None),
)


def balances(user: Reader) -> list[Balance]:
    """Open balances of everything the person may see, per currency, in one statement."""
    today = today_of_firm()
    person = reader_like(user)
    if person is None:
        return []
    found = rows(
        ("balances", person, today, timezone.localdate()),
        lambda: _sums(person, today),
        {PERSON: user.pk},
    )
    return [
        Balance(
            currency=row[0],
            open=Money(row[1], row[0]),
            overdue=Money(row[2], row[0]),
            open_count=row[3],
            overdue_count=row[4],
            next_due=row[5],
            ageing={
                name: Money(amount, row[0])
                for (name, _low, _high), amount in zip(AGES, row[6:], strict=True)
            },
        )
        for row in found
    ]


def _sums(user: Reader, today: date) -> QuerySet[Any, Any]:
    zero = Value(Decimal(0))
    late = When(due_date__lt=today, then=F("balance"))

    def aged(low: int | None, high: int | None) -> Any:
        condition: dict[str, date] = {}
        if low is not None:
            condition["due_date__lte"] = today - timedelta(days=low)
        if high is not None and low is not None:
            condition["due_date__gte"] = today - timedelta(days=high)
        if low is None:
            condition = {"due_date__gte": today}
        return Coalesce(Sum(Case(When(**condition, then=F("balance")), default=zero)), zero)

    ages = {f"age_{index}": aged(low, high) for index, (_n, low, high) in enumerate(AGES)}
    found: QuerySet[Any, Any] = (
        Invoice.objects.visible_to(user)
        .payable()
        .order_by()
        .values("currency")
        .annotate(
            open=Sum("balance"),
            overdue=Coalesce(Sum(Case(late, default=zero)), zero),
            open_count=Count("pk"),
            overdue_count=Count("pk", filter=Q(due_date__lt=today)),
            next_due=Min("due_date", filter=Q(due_date__gte=today)),
            **ages,
        )
        .order_by("-open")
        .values_list(
            "currency", "open", "overdue", "open_count", "overdue_count", "next_due", *ages
        )
    )
    return found
