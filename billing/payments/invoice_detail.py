"""One invoice whole: lines, VAT, the money that came and what was credited, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import EmptyResultSet
from django.db.models import F, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from billing.credit_notes.models import CreditNote
from billing.invoices.models import Invoice, InvoiceLine, InvoiceVat
from billing.invoices.selectors import InvoiceUnknown
from billing.payments.models import Allocation
from infra.common.actor import Reader
from infra.tenancy.database.fast.compiled_query import (
    PERSON,
    SUBJECT,
    RowsAsJson,
    reader_like,
    rows,
)
from infra.tenancy.locale_formats import today_of_firm

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
    "period_start",
    "period_end",
    "net_total",
    "vat_total",
    "total",
    "paid_total",
    "credited_total",
    "balance",
)
FIELDS = tuple(name.replace("__", "_") for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line as a client may see it: internal note and cost are not even loaded."""

    position: int
    kind: str
    date: str | None
    timekeeper: str | None
    task_code: str
    activity_code: str
    expense_code: str
    description: str
    quantity: Decimal
    unit_price: Decimal | None
    amount: Decimal
    vat_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class SheetVat:
    """VAT of one rate, in percent."""

    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SheetPayment:
    """Money that a payment brought to the invoice."""

    payment: UUID
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class SheetCredit:
    """A credit note on the invoice, for ``total`` with VAT."""

    id: UUID
    number: str
    issue_date: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceSheet:
    """An invoice as client and staff both see it. ``status`` is the word people see."""

    id: UUID
    number: str | None
    status: str
    subject: str
    client_id: UUID
    client_name: str
    matter_id: UUID | None
    matter_reference: str | None
    matter_title: str | None
    currency: str
    issue_date: date | None
    due_date: date | None
    period_start: date | None
    period_end: date | None
    net_total: Decimal
    vat_total: Decimal
    total: Decimal
    paid_total: Decimal
    credited_total: Decimal
    balance: Decimal
    lines: tuple[SheetLine, ...]
    vat: tuple[SheetVat, ...]
    payments: tuple[SheetPayment, ...]
    credit_notes: tuple[SheetCredit, ...]

    def __str__(self) -> str:
        return self.number or str(Invoice())


def _exact(name: str) -> Cast:
    # As text: a JSON number would become a float on the way.
    return Cast(name, TextField())


def _sheets(user: Reader, invoice_id: UUID) -> QuerySet[Any, Any]:
    of_this = {"invoice_id": OuterRef("pk")}
    lines = (
        InvoiceLine.objects.filter(**of_this)
        .order_by("position")
        .values(
            "position",
            "kind",
            "date",
            "task_code",
            "activity_code",
            "expense_code",
            "description",
            keeper=F("timekeeper__name"),
            quantity_=_exact("quantity"),
            unit_price_=_exact("unit_price"),
            amount_=_exact("amount"),
            vat_rate_=_exact("vat_rate"),
        )
    )
    vat = InvoiceVat.objects.filter(**of_this).order_by("-rate")
    came = Allocation.objects.filter(**of_this).order_by("at", "id")
    taken_back = CreditNote.objects.filter(**of_this).order_by("issue_date", "id")
    found: QuerySet[Any, Any] = (
        Invoice.objects.visible_to(user)
        .filter(pk=invoice_id)
        .order_by()
        .annotate(
            its_lines=RowsAsJson(lines),
            its_vat=RowsAsJson(
                vat.values(rate_=_exact("rate"), base_=_exact("base"), amount_=_exact("amount"))
            ),
            its_payments=RowsAsJson(came.values("payment_id", "at", amount_=_exact("amount"))),
            its_credits=RowsAsJson(
                taken_back.values("id", "number", "issue_date", total_=_exact("total"))
            ),
        )
        .values_list(*COLUMNS, "its_lines", "its_vat", "its_payments", "its_credits")
    )
    return found


def read_sheet(user: Reader, invoice_id: UUID) -> InvoiceSheet:
    """One invoice whole. Raises ``InvoiceUnknown``, absent or forbidden alike."""
    reader = reader_like(user)
    if reader is None:
        raise InvoiceUnknown
    try:
        found = rows(
            ("sheet", reader, timezone.localdate()),
            lambda: _sheets(reader, SUBJECT),
            {PERSON: user.pk, SUBJECT: invoice_id},
        )
    except EmptyResultSet:
        found = []
    if not found:
        raise InvoiceUnknown
    return _sheet(found[0])


def _sheet(values: tuple[Any, ...]) -> InvoiceSheet:
    *plain, lines, vat, payments, credit_notes = values
    shown: dict[str, Any] = dict(zip(FIELDS, plain, strict=True))
    due = shown["due_date"]
    if shown["status"] in Invoice.OPEN_STATES and due is not None and due < today_of_firm():
        shown["status"] = Invoice.OVERDUE
    return InvoiceSheet(
        **shown,
        lines=tuple(_line(line) for line in orjson.loads(lines or "[]")),
        vat=tuple(
            SheetVat(Decimal(part["rate_"]), Decimal(part["base_"]), Decimal(part["amount_"]))
            for part in orjson.loads(vat or "[]")
        ),
        payments=tuple(
            SheetPayment(
                UUID(part["payment_id"]),
                Decimal(part["amount_"]),
                datetime.fromisoformat(part["at"]),
            )
            for part in orjson.loads(payments or "[]")
        ),
        credit_notes=tuple(
            SheetCredit(
                UUID(note["id"]), note["number"], note["issue_date"], Decimal(note["total_"])
            )
            for note in orjson.loads(credit_notes or "[]")
        ),
    )


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _line(line: dict[str, Any]) -> SheetLine:
    return SheetLine(
        position=line["position"],
        kind=line["kind"],
        date=line["date"],
        timekeeper=line["keeper"],
        task_code=line["task_code"],
        activity_code=line["activity_code"],
        expense_code=line["expense_code"],
        description=line["description"],
        quantity=Decimal(line["quantity_"]),
        unit_price=_decimal(line["unit_price_"]),
        amount=Decimal(line["amount_"]),
        vat_rate=_decimal(line["vat_rate_"]),
    )
