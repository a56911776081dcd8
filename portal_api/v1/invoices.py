"""Invoices: lists, one with its lines, PDF, send, pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from billing.invoices.models import Invoice, InvoiceLine, Timekeeper
from billing.invoices.papers import client_lines, invoice_pdf, pdf_name
from billing.invoices.selectors import (
    ORDERINGS,
    STATUSES,
    InvoiceQuery,
    InvoiceRow,
    get_invoice,
    list_invoices,
)
from billing.invoices.services.drafting import LineDraft, create_draft, delete_draft
from billing.invoices.services.issuing import (
    issue_invoice,
    send_invoice,
    share_invoice,
    unshare_invoice,
    void_invoice,
)
from billing.payments.services.starting import start_payment
from branding.notices import portal_address
from infra.audit.services import record_event
from infra.common.errors import Invalid, NotFound
from infra.common.formats import today_of_firm
from portal_api.fields import MoneyOutput, NamedOutput, money
from portal_api.pagination import NumberedPages
from portal_api.permissions import SignedIn, caller
from portal_api.v1.payments import PaymentOutput, payment_data
from tenants.matters.models import Matter
from tenants.people.models import Client, User

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
    balance = MoneyOutput()


class InvoicePageOutput(serializers.Serializer[Any]):
    """One page of invoices."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = InvoiceListOutput(many=True)


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


class InvoiceOutput(InvoiceListOutput):
    """An invoice with lines, VAT per rate and payments."""

    period_start = serializers.DateField(allow_null=True)
    period_end = serializers.DateField(allow_null=True)
    net_total = MoneyOutput()
    vat_total = MoneyOutput()
    lines = LineOutput(many=True)
    vat = VatOutput(many=True)
    payments = AllocationOutput(many=True)


class LineInput(serializers.Serializer[Any]):
    """One line of a draft; give ``unit_price`` (times ``quantity``) or ``amount``."""

    kind = serializers.ChoiceField(choices=InvoiceLine.Kind.choices)
    description = serializers.CharField(max_length=4000)
    quantity = serializers.DecimalField(
        max_digits=12, decimal_places=4, default=Decimal(1), min_value=0
    )
    unit_price = serializers.DecimalField(
        max_digits=14,
        decimal_places=4,
        required=False,
        allow_null=True,
        min_value=Decimal("-99999999"),
        max_value=Decimal("99999999"),
    )
    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, required=False, allow_null=True
    )
    vat_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, required=False, allow_null=True, min_value=0, max_value=100
    )
    date = serializers.DateField(required=False, allow_null=True)
    timekeeper = serializers.UUIDField(required=False, allow_null=True)
    task_code = serializers.CharField(max_length=10, required=False, allow_blank=True)
    activity_code = serializers.CharField(max_length=10, required=False, allow_blank=True)
    expense_code = serializers.CharField(max_length=10, required=False, allow_blank=True)
    internal_note = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class InvoiceInput(serializers.Serializer[Any]):
    """A draft to create."""

    client = serializers.UUIDField()
    matter = serializers.UUIDField(required=False, allow_null=True)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    subject = serializers.CharField(max_length=200, required=False, allow_blank=True)
    due_date = serializers.DateField(required=False, allow_null=True)
    lines = LineInput(many=True, allow_empty=False)


class VoidInput(serializers.Serializer[Any]):
    """Why the invoice is void."""

    reason = serializers.CharField(max_length=300)


class PayInput(serializers.Serializer[Any]):
    """How much to pay; everything open if absent."""

    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, required=False, allow_null=True
    )


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
    OpenApiParameter("page", int),
    OpenApiParameter("page_size", int, description="25 unless given; 200 at most."),
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
        "balance": money(row.balance, row.currency),
    }


def _line_data(line: InvoiceLine, currency: str) -> dict[str, Any]:
    return {
        "position": line.position,
        "kind": line.kind,
        "date": line.date,
        "timekeeper": line.timekeeper.name if line.timekeeper else None,
        "task_code": line.task_code,
        "activity_code": line.activity_code,
        "expense_code": line.expense_code,
        "description": line.description,
        "quantity": str(line.quantity.normalize() if line.quantity else line.quantity),
        "unit_price": str(line.unit_price) if line.unit_price is not None else None,
        "amount": money(line.amount, currency),
        "vat_rate": str(line.vat_rate) if line.vat_rate is not None else None,
    }


def invoice_data(invoice: Invoice, today: date) -> dict[str, Any]:
    """One invoice with its lines as the API shows it, the same for client and staff."""
    currency = invoice.currency
    return {
        "id": invoice.pk,
        "number": invoice.number,
        "status": invoice.shown_status(today),
        "subject": invoice.subject,
        "client": {"id": invoice.client_id, "name": invoice.client.name},
        "matter": {
            "id": invoice.matter_id,
            "reference": invoice.matter.reference,
            "title": invoice.matter.title,
        }
        if invoice.matter
        else None,
        "issue_date": invoice.issue_date,
        "due_date": invoice.due_date,
        "period_start": invoice.period_start,
        "period_end": invoice.period_end,
        "net_total": money(invoice.net_total, currency),
        "vat_total": money(invoice.vat_total, currency),
        "total": money(invoice.total, currency),
        "paid": money(invoice.paid_total, currency),
        "balance": money(invoice.balance, currency),
        "lines": [_line_data(line, currency) for line in client_lines(invoice)],
        "vat": [
            {
                "rate": str(group.rate),
                "base": money(group.base, currency),
                "amount": money(group.amount, currency),
            }
            for group in invoice.vat.all()
        ],
        "payments": [
            {"payment": part.payment_id, "amount": money(part.amount, currency), "at": part.at}
            for part in invoice.allocations.all()
        ],
    }


class InvoiceViewSet(GenericViewSet[Invoice]):
    """Invoices the person may see: staff by role, clients their own shared ones."""

    permission_classes = (SignedIn,)
    lookup_value_converter = "uuid"
    queryset = Invoice.objects.none()
    serializer_class = InvoiceOutput
    pagination_class = None

    @extend_schema(parameters=FILTERS, responses={200: InvoicePageOutput})
    def list(self, request: Request) -> Response:
        query = InvoiceQuery.from_params(request.query_params)
        page = _whole(request, "page", 1, 100_000)
        size = _whole(request, "page_size", NumberedPages.page_size, NumberedPages.max_page_size)
        found = list_invoices(request.user, query, page=page, page_size=size)
        if page > 1 and not found.rows:
            raise NotFound
        return Response(
            {
                "count": found.count,
                "next": _link(request, page + 1) if page * size < found.count else None,
                "previous": _link(request, page - 1) if page > 1 else None,
                "results": [row_data(row) for row in found.rows],
            }
        )

    @extend_schema(responses={200: InvoiceOutput})
    def retrieve(self, request: Request, pk: UUID) -> Response:
        invoice = get_invoice(request.user, pk)
        _note_view(invoice, caller(request), "invoice.viewed")
        return Response(invoice_data(invoice, today_of_firm()))

    @extend_schema(request=InvoiceInput, responses={201: InvoiceOutput})
    def create(self, request: Request) -> Response:
        shape = InvoiceInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = dict(shape.validated_data)
        client = Client.objects.visible_to(request.user).filter(pk=given["client"]).first()
        if client is None:
            raise Invalid(fields={"client": ["There is no such client."]})
        matter = None
        if given.get("matter"):
            matter = Matter.objects.visible_to(request.user).filter(pk=given["matter"]).first()
            if matter is None:
                raise Invalid(fields={"matter": ["There is no such matter."]})
        invoice = create_draft(
            client=client,
            matter=matter,
            currency=given["currency"],
            subject=given.get("subject", ""),
            due_date=given.get("due_date"),
            lines=_line_drafts(given["lines"]),
            by=caller(request),
        )
        return Response(
            invoice_data(get_invoice(request.user, invoice.pk), today_of_firm()),
            status=status.HTTP_201_CREATED,
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        delete_draft(invoice=get_invoice(request.user, pk), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: UUID) -> HttpResponse:
        invoice = get_invoice(request.user, pk)
        _note_view(invoice, caller(request), "invoice.downloaded")
        answer = HttpResponse(invoice_pdf(invoice), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{pdf_name(invoice)}"'
        return answer

    def _acted(self, request: Request, pk: UUID) -> Response:
        return Response(invoice_data(get_invoice(request.user, pk), today_of_firm()))

    @extend_schema(request=None, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, pk: UUID) -> Response:
        issue_invoice(invoice=get_invoice(request.user, pk), by=caller(request))
        return self._acted(request, pk)

    @extend_schema(request=None, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: UUID) -> Response:
        send_invoice(invoice=get_invoice(request.user, pk), by=caller(request))
        return self._acted(request, pk)

    @extend_schema(request=None, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def share(self, request: Request, pk: UUID) -> Response:
        share_invoice(invoice=get_invoice(request.user, pk), by=caller(request))
        return self._acted(request, pk)

    @extend_schema(request=None, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def unshare(self, request: Request, pk: UUID) -> Response:
        unshare_invoice(invoice=get_invoice(request.user, pk), by=caller(request))
        return self._acted(request, pk)

    @extend_schema(request=VoidInput, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: UUID) -> Response:
        shape = VoidInput(data=request.data)
        shape.is_valid(raise_exception=True)
        void_invoice(
            invoice=get_invoice(request.user, pk),
            reason=shape.validated_data["reason"],
            by=caller(request),
        )
        return self._acted(request, pk)

    @extend_schema(request=PayInput, responses={201: PaymentOutput})
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, pk: UUID) -> Response:
        shape = PayInput(data=request.data)
        shape.is_valid(raise_exception=True)
        started = start_payment(
            invoices=[get_invoice(request.user, pk)],
            amount=shape.validated_data.get("amount"),
            by=caller(request),
            return_url=portal_address("/payments/{payment}/"),
        )
        data = payment_data(started.payment)
        data["redirect_url"] = started.redirect_url
        return Response(data, status=status.HTTP_201_CREATED)


def _note_view(invoice: Invoice, user: User, action_name: str) -> None:
    record_event(action_name, by=user, about=invoice, client_id=invoice.client_id)


def _line_drafts(lines: list[dict[str, Any]]) -> list[LineDraft]:
    keepers = Timekeeper.objects.in_bulk(
        [line["timekeeper"] for line in lines if line.get("timekeeper")]
    )
    drafts = []
    for at, line in enumerate(lines):
        values = dict(line)
        key = values.pop("timekeeper", None)
        if key and key not in keepers:
            raise Invalid(fields={f"lines[{at}].timekeeper": ["There is no such timekeeper."]})
        drafts.append(LineDraft(**values, timekeeper=keepers.get(key) if key else None))
    return drafts


def _whole(request: Request, name: str, default: int, highest: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) < 1:
        raise Invalid(fields={name: ["Give a whole number from 1."]})
    return min(int(text), highest)


def _link(request: Request, page: int) -> str:
    params = request.query_params.copy()
    params["page"] = str(page)
    return str(request.build_absolute_uri(f"{request.path}?{params.urlencode()}"))
