"""Shapes of invoices at the API: what goes in, what comes out, what can be asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from billing.invoices.models import Invoice, InvoiceLine, InvoiceTransition
from billing.invoices.selectors import ORDERINGS, STATUSES, InvoiceRow
from billing.invoices.services.drafting import MOST_TEXT, MOST_UNIT_PRICE, MOST_VAT_RATE
from billing.payments.invoice_detail import InvoiceSheet, SheetLine
from infra.common.field_bounds import bounds
from portal_api.fields import DayInput, DecimalInput, MoneyOutput, NamedOutput, money

STATUS_HELP = "One or several of: " + ", ".join(STATUSES) + "."


class MatterReference(serializers.Serializer[Any]):
    """A matter by id, reference and title."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    title = serializers.CharField()


class InvoiceListOutput(serializers.Serializer[Any]):
    """An invoice in a list; ``status`` includes ``overdue``."""

    id = serializers.UUIDField()
    number = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=STATUSES)
    subject = serializers.CharField()
    client = NamedOutput()
    matter = MatterReference(allow_null=True)
    issue_date = serializers.DateField(allow_null=True)
    due_date = serializers.DateField(allow_null=True)
    total = MoneyOutput()
    paid = MoneyOutput()
    credited = MoneyOutput(help_text="What credit notes took off what was open.")
    balance = MoneyOutput(
        help_text="Total less paid less credited: what is open. Nobody is asked for it if the invoice is"
        " void or written off."
    )


class LineOutput(serializers.Serializer[Any]):
    """One line as the client sees it: no internal note, cost or mark-up."""

    position = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=InvoiceLine.Kind.choices)
    date = serializers.DateField(allow_null=True)
    timekeeper = serializers.CharField(allow_null=True)
    task_code = serializers.CharField()
    activity_code = serializers.CharField()
    expense_code = serializers.CharField()
    description = serializers.CharField()
    quantity = serializers.CharField()
    unit_price = serializers.CharField(allow_null=True)
    amount = MoneyOutput()
    vat_rate = serializers.CharField(allow_null=True)


class VatOutput(serializers.Serializer[Any]):
    """VAT of one rate."""

    rate = serializers.CharField(help_text="Percent.")
    base = MoneyOutput()
    amount = MoneyOutput()


class AllocationOutput(serializers.Serializer[Any]):
    """Money that a payment brought to this invoice."""

    payment = serializers.UUIDField()
    amount = MoneyOutput()
    at = serializers.DateTimeField()


class CreditReference(serializers.Serializer[Any]):
    """A credit note on the invoice; ``amount`` is its total with VAT."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    issue_date = serializers.DateField()
    amount = MoneyOutput()


class InvoiceOutput(InvoiceListOutput):
    """An invoice with lines, VAT per rate, payments and credit notes."""

    period_start = serializers.DateField(allow_null=True)
    period_end = serializers.DateField(allow_null=True)
    net_total = MoneyOutput()
    vat_total = MoneyOutput()
    lines = LineOutput(many=True)
    vat = VatOutput(many=True)
    payments = AllocationOutput(many=True)
    credit_notes = CreditReference(many=True)


# More is an import, not an answer that somebody waits for.
MOST_LINES = 5000


class LineInput(serializers.Serializer[Any]):
    """One line of a draft; give ``unit_price`` (times ``quantity``) or ``amount``."""

    kind = serializers.ChoiceField(choices=InvoiceLine.Kind.choices)
    description = serializers.CharField(max_length=MOST_TEXT)
    quantity = DecimalInput(max_digits=12, decimal_places=4, default=Decimal(1), min_value=0)
    unit_price = DecimalInput(
        max_digits=14,
        decimal_places=4,
        required=False,
        allow_null=True,
        min_value=-MOST_UNIT_PRICE,
        max_value=MOST_UNIT_PRICE,
    )
    amount = DecimalInput(max_digits=12, decimal_places=2, required=False, allow_null=True)
    vat_rate = DecimalInput(
        max_digits=5,
        decimal_places=2,
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MOST_VAT_RATE,
    )
    date = DayInput(required=False, allow_null=True)
    timekeeper = serializers.UUIDField(required=False, allow_null=True)
    task_code = serializers.CharField(max_length=10, required=False, allow_blank=True)
    activity_code = serializers.CharField(max_length=10, required=False, allow_blank=True)
    expense_code = serializers.CharField(max_length=10, required=False, allow_blank=True)
    internal_note = serializers.CharField(max_length=MOST_TEXT, required=False, allow_blank=True)


class InvoiceInput(serializers.Serializer[Any]):
    """A draft to create."""

    client = serializers.UUIDField()
    matter = serializers.UUIDField(required=False, allow_null=True)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    subject = serializers.CharField(required=False, allow_blank=True, **bounds(Invoice, "subject"))
    due_date = DayInput(required=False, allow_null=True)
    lines = LineInput(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]


class VoidInput(serializers.Serializer[Any]):
    """Why the invoice is void."""

    reason = serializers.CharField(**bounds(InvoiceTransition, "reason"))


class WriteOffInput(serializers.Serializer[Any]):
    """Why the firm gives up on what is open."""

    reason = serializers.CharField(**bounds(InvoiceTransition, "reason"))


class PayInput(serializers.Serializer[Any]):
    """How much to pay; everything open if absent."""

    amount = DecimalInput(max_digits=14, decimal_places=2, required=False, allow_null=True)


FILTERS = [
    OpenApiParameter("status", str, description=STATUS_HELP + " Separated by commas."),
    OpenApiParameter("issued_after", OpenApiTypes.DATE),
    OpenApiParameter("issued_before", OpenApiTypes.DATE),
    OpenApiParameter("due_after", OpenApiTypes.DATE),
    OpenApiParameter("due_before", OpenApiTypes.DATE),
    OpenApiParameter("min_total", OpenApiTypes.DECIMAL),
    OpenApiParameter("max_total", OpenApiTypes.DECIMAL),
    OpenApiParameter("client", OpenApiTypes.UUID),
    OpenApiParameter("matter", OpenApiTypes.UUID),
    OpenApiParameter("search", str, description="Part of a number, subject, client or matter."),
    OpenApiParameter(
        "ordering", str, description="One of " + ", ".join(ORDERINGS) + "; “-” turns it round."
    ),
]


def row_data(row: InvoiceRow) -> dict[str, Any]:
    """A list row as the API shows it."""
    return {
        "id": row.id,
        "number": row.number or None,
        "status": row.status,
        "subject": row.subject,
        "client": {"id": row.client_id, "name": row.client_name},
        "matter": {
            "id": row.matter_id,
            "reference": row.matter_reference,
            "title": row.matter_title,
        }
        if row.matter_id
        else None,
        "issue_date": row.issue_date,
        "due_date": row.due_date,
        "total": money(row.total, row.currency),
        "paid": money(row.paid_total, row.currency),
        "credited": money(row.credited_total, row.currency),
        "balance": money(row.balance, row.currency),
    }


def _line_data(line: SheetLine, currency: str) -> dict[str, Any]:
    return {
        "position": line.position,
        "kind": line.kind,
        "date": line.date,
        "timekeeper": line.timekeeper,
        "task_code": line.task_code,
        "activity_code": line.activity_code,
        "expense_code": line.expense_code,
        "description": line.description,
        "quantity": str(line.quantity.normalize() if line.quantity else line.quantity),
        "unit_price": str(line.unit_price) if line.unit_price is not None else None,
        "amount": money(line.amount, currency),
        "vat_rate": str(line.vat_rate) if line.vat_rate is not None else None,
    }


def sheet_data(sheet: InvoiceSheet) -> dict[str, Any]:
    """One invoice with its lines as the API shows it, the same for client and staff."""
    currency = sheet.currency
    return {
        "id": sheet.id,
        "number": sheet.number,
        "status": sheet.status,
        "subject": sheet.subject,
        "client": {"id": sheet.client_id, "name": sheet.client_name},
        "matter": {
            "id": sheet.matter_id,
            "reference": sheet.matter_reference,
            "title": sheet.matter_title,
        }
        if sheet.matter_id
        else None,
        "issue_date": sheet.issue_date,
        "due_date": sheet.due_date,
        "period_start": sheet.period_start,
        "period_end": sheet.period_end,
        "net_total": money(sheet.net_total, currency),
        "vat_total": money(sheet.vat_total, currency),
        "total": money(sheet.total, currency),
        "paid": money(sheet.paid_total, currency),
        "credited": money(sheet.credited_total, currency),
        "balance": money(sheet.balance, currency),
        "lines": [_line_data(line, currency) for line in sheet.lines],
        "vat": [
            {
                "rate": str(group.rate),
                "base": money(group.base, currency),
                "amount": money(group.amount, currency),
            }
            for group in sheet.vat
        ],
        "payments": [
            {"payment": part.payment, "amount": money(part.amount, currency), "at": part.at}
            for part in sheet.payments
        ],
        "credit_notes": [
            {
                "id": note.id,
                "number": note.number,
                "issue_date": note.issue_date,
                "amount": money(note.total, currency),
            }
            for note in sheet.credit_notes
        ],
    }
