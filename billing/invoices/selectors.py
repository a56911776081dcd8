"""Read invoices: one query description and one row shape for page, API and export alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, Count, F, Min, Q, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.invoices.models import Invoice
from infra.common.database.shapes import PERSON, reader_like, rows
from infra.common.errors import Invalid, NotFound
from infra.common.formats import today_of_firm
from infra.common.money import Money

STATUSES = (*Invoice.Status.values, Invoice.OVERDUE)
ORDERINGS = ("due_date", "issue_date", "total", "balance", "number")


class InvoiceUnknown(NotFound):
    """There is no such invoice, or it is not theirs to know of."""


@dataclass(frozen=True, slots=True)
class InvoiceQuery:
    """What a person asked of the invoice list; ``from_params`` reads it from a query string."""

    status: tuple[str, ...] = ()
    issued_after: date | None = None
    issued_before: date | None = None
    due_after: date | None = None
    due_before: date | None = None
    min_total: Decimal | None = None
    max_total: Decimal | None = None
    client: UUID | None = None
    matter: UUID | None = None
    unsent: bool = False
    search: str = ""
    ordering: str = "-issue_date"

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> InvoiceQuery:
        """Empty values count as absent. Raises ``Invalid`` naming every unusable one."""
        reader = _ParamReader(params)
        query = cls(
            status=reader.words("status", STATUSES),
            issued_after=reader.day("issued_after"),
            issued_before=reader.day("issued_before"),
            due_after=reader.day("due_after"),
            due_before=reader.day("due_before"),
            min_total=reader.number("min_total"),
            max_total=reader.number("max_total"),
            client=reader.key("client"),
            matter=reader.key("matter"),
            unsent=params.get("unsent", "") == "1",
            search=params.get("search", "").replace("\x00", "")[:200],
            ordering=reader.ordering(),
        )
        if reader.errors:
            raise Invalid(fields=reader.errors)
        return query

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order was asked for."""
        plain = InvoiceQuery(ordering=self.ordering)
        return self != plain


class _ParamReader:
    def __init__(self, params: Mapping[str, str]) -> None:
        self.params = params
        self.errors: dict[str, list[str]] = {}

    def _text(self, name: str) -> str:
        return self.params.get(name, "").strip()

    def words(self, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        words = tuple(word for word in self._text(name).split(",") if word)
        if any(word not in allowed for word in words):
            self.errors[name] = [_("Choose among: %(words)s.") % {"words": ", ".join(allowed)}]
            return ()
        return words

    def day(self, name: str) -> date | None:
        text = self._text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.errors[name] = [_("Give a date as YYYY-MM-DD.")]
            return None

    def number(self, name: str) -> Decimal | None:
        text = self._text(name)
        try:
            value = Decimal(text) if text else None
        except InvalidOperation:
            value = Decimal("NaN")
        if value is not None and (not value.is_finite() or abs(value) >= Decimal(10) ** 12):
            self.errors[name] = [_("Give an amount, for example 150.00.")]
            return None
        return value

    def key(self, name: str) -> UUID | None:
        text = self._text(name)
        try:
            return UUID(text) if text else None
        except ValueError:
            self.errors[name] = [_("This is not an id.")]
            return None

    def ordering(self) -> str:
        text = self._text("ordering")
        if text and text.removeprefix("-") not in ORDERINGS:
            self.errors["ordering"] = [
                _("Choose among: %(words)s.") % {"words": ", ".join(ORDERINGS)}
            ]
            return "-issue_date"
        return text or "-issue_date"


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice in a list. ``status`` is the word people see (``overdue`` included)."""

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


def find_invoices(user: Any, query: InvoiceQuery) -> QuerySet[Invoice]:
    """The invoices a person may see that fit the query, in its order."""
    return _found(user, query, today_of_firm())


def _found(user: Any, query: InvoiceQuery, today: date) -> QuerySet[Invoice]:
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
    "balance",
    "shared_at",
    "sent_at",
)


def list_invoices(
    user: Any, query: InvoiceQuery, *, page: int = 1, page_size: int = 25
) -> InvoicePage:
    """One page of rows with the whole count, in one statement (two past the last page)."""
    today = today_of_firm()
    start = (page - 1) * page_size

    def listed(person: Any) -> QuerySet[Any, Any]:
        found = _found(person, query, today).annotate(whole=Window(Count("pk")))
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
        balance=values[14],
        is_shared=values[15] is not None,
        is_sent=values[16] is not None,
    )


def get_invoice(user: Any, invoice_id: UUID) -> Invoice:
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


def balances(user: Any) -> list[Balance]:
    """Open balances of everything the person may see, per currency, in one statement."""
    today = today_of_firm()
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

    rows: Any = (
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
            **{f"age_{index}": aged(low, high) for index, (_n, low, high) in enumerate(AGES)},
        )
        .order_by("-open")
    )
    return [
        Balance(
            currency=row["currency"],
            open=Money(row["open"], row["currency"]),
            overdue=Money(row["overdue"], row["currency"]),
            open_count=row["open_count"],
            overdue_count=row["overdue_count"],
            next_due=row["next_due"],
            ageing={
                name: Money(row[f"age_{index}"], row["currency"])
                for index, (name, _low, _high) in enumerate(AGES)
            },
        )
        for row in rows
    ]
