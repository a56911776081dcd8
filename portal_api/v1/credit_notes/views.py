"""Credit notes: what there is, one with its lines, its PDF, and crediting an invoice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from billing.credit_notes.models import CreditNote
from billing.credit_notes.reading import download_credit_note_pdf, get_credit_note_pdf
from billing.credit_notes.selectors import (
    CreditNoteQuery,
    get_credit_note,
    list_credit_notes,
)
from billing.credit_notes.services import (
    CreditedMeanwhile,
    NothingLeftToCredit,
    credit_lines,
    credit_whole_invoice,
)
from billing.invoices.selectors import get_invoice
from billing.invoices.services.issuing import PaymentUnderWay
from infra.common.field_bounds import bounds
from portal_api.downloads import requested_file
from portal_api.errors import named_by
from portal_api.fields import DecimalInput, MoneyOutput, NamedOutput, WholeNumberInput, money
from portal_api.permissions import SignedIn, caller
from portal_api.schema import ErrorOutput
from portal_api.v1.invoices.serializers import MOST_LINES, VatOutput


class CreditedInvoice(serializers.Serializer[Any]):
    """The invoice that was credited, by id and number."""

    id = serializers.UUIDField()
    number = serializers.CharField()


class CreditNoteLineOutput(serializers.Serializer[Any]):
    """What was taken back of one line of the invoice, net of VAT."""

    position = serializers.IntegerField(help_text="Of the invoice's line.")
    description = serializers.CharField()
    amount = MoneyOutput()
    vat_rate = serializers.CharField(allow_null=True)


class CreditNoteListOutput(serializers.Serializer[Any]):
    """A credit note. Amounts are positive: they are taken off what the client owes."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    invoice = CreditedInvoice()
    client = NamedOutput()
    issue_date = serializers.DateField()
    reason = serializers.CharField()
    net_total = MoneyOutput()
    vat_total = MoneyOutput()
    total = MoneyOutput()
    offset = MoneyOutput(help_text="What it took off the open balance of the invoice.")
    surplus = MoneyOutput(help_text="What had been paid already: the firm holds it for the client.")


class CreditNoteOutput(CreditNoteListOutput):
    """A credit note with its lines and its VAT per rate."""

    lines = CreditNoteLineOutput(many=True)
    vat = VatOutput(many=True)


class CreditLineInput(serializers.Serializer[Any]):
    """How much of one line to take back, net of VAT; a discount's amount is negative, as it is."""

    position = WholeNumberInput(min_value=1)
    amount = DecimalInput(max_digits=14, decimal_places=2)


class CreditNoteInput(serializers.Serializer[Any]):
    """An invoice to credit: all that is left of it, or the ``lines`` that are given."""

    invoice = serializers.UUIDField()
    reason = serializers.CharField(
        help_text="Stands on the credit note.", **bounds(CreditNote, "reason")
    )
    lines = CreditLineInput(  # type: ignore[call-arg]
        many=True, required=False, allow_empty=False, max_length=MOST_LINES
    )
    seen = DecimalInput(
        max_digits=14,
        decimal_places=2,
        required=False,
        min_value=0,
        help_text="Needed with `lines`: the sum of the totals of the invoice's credit notes as you"
        " read them (0 if there are none). If another one was made since, the answer is 409.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "lines" not in attrs:
            if "seen" in attrs:
                # Whoever meant a part (say, misspelt "lines") must not credit all of it.
                raise serializers.ValidationError(
                    {"lines": [_("This is needed with “seen”; leave both out to credit all.")]}
                )
            return attrs
        if "seen" not in attrs:
            raise serializers.ValidationError({"seen": [_("This is needed with “lines”.")]})
        positions = [line["position"] for line in attrs["lines"]]
        if len(set(positions)) != len(positions):
            raise serializers.ValidationError({"lines": [_("A line is named twice.")]})
        return attrs


def _conflict(name: str, error: type[Exception], code: str) -> OpenApiExample:
    return OpenApiExample(
        name, {"code": code, "message": str(getattr(error, "message", "")), "fields": {}}
    )


CREATE_RESPONSES = {
    201: CreditNoteOutput,
    409: OpenApiResponse(
        ErrorOutput,
        description="It cannot be credited now: nothing is done.",
        examples=[
            _conflict("All credited", NothingLeftToCredit, "nothing_left_to_credit"),
            _conflict("Credited meanwhile", CreditedMeanwhile, "credited_meanwhile"),
            _conflict("Somebody is paying", PaymentUnderWay, "payment_under_way"),
        ],
    ),
}
CREATE_EXAMPLES = [
    OpenApiExample(
        "All of it",
        {"invoice": "0198f0a2-7a5e-7c11-9c2e-3f6c0d1b2a3c", "reason": "Billed twice"},
        request_only=True,
    ),
    OpenApiExample(
        "A part of two lines",
        {
            "invoice": "0198f0a2-7a5e-7c11-9c2e-3f6c0d1b2a3c",
            "reason": "Agreed on the phone",
            "seen": "0.00",
            "lines": [
                {"position": 1, "amount": "120.00"},
                {"position": 3, "amount": "15.50"},
            ],
        },
        request_only=True,
    ),
]


def listed_data(note: CreditNote) -> dict[str, Any]:
    """A credit note as the API's list shows it, the same for client and staff."""
    invoice, currency = note.invoice, note.currency
    return {
        "id": note.pk,
        "number": note.number,
        "invoice": {"id": invoice.pk, "number": invoice.number},
        "client": {"id": invoice.client_id, "name": invoice.client.name},
        "issue_date": note.issue_date,
        "reason": note.reason,
        "net_total": money(note.net_total, currency),
        "vat_total": money(note.vat_total, currency),
        "total": money(note.total, currency),
        "offset": money(note.offset_total, currency),
        "surplus": money(note.surplus_total, currency),
    }


def credit_note_data(note: CreditNote) -> dict[str, Any]:
    """A credit note with lines and VAT."""
    currency = note.currency
    return {
        **listed_data(note),
        "lines": [
            {
                "position": part.line.position,
                "description": part.line.description,
                "amount": money(part.amount, currency),
                "vat_rate": str(part.line.vat_rate) if part.line.vat_rate is not None else None,
            }
            for part in sorted(note.lines.all(), key=lambda part: part.line.position)
        ],
        "vat": [
            {
                "rate": str(group.rate),
                "base": money(group.base, currency),
                "amount": money(group.amount, currency),
            }
            for group in note.vat.all()
        ],
    }


FILTERS = [
    OpenApiParameter("invoice", OpenApiTypes.UUID),
    OpenApiParameter("client", OpenApiTypes.UUID),
    OpenApiParameter("issued_after", OpenApiTypes.DATE),
    OpenApiParameter("issued_before", OpenApiTypes.DATE),
    OpenApiParameter("search", str, description="Part of a number or of the client's name."),
]


class CreditNoteViewSet(GenericViewSet[CreditNote]):
    """Credit notes of the invoices the person may see; who bills may make them."""

    permission_classes = (SignedIn,)
    lookup_value_converter = "uuid"
    queryset = CreditNote.objects.none()
    serializer_class = CreditNoteOutput

    @extend_schema(
        parameters=FILTERS,
        responses={200: CreditNoteListOutput(many=True)},
    )
    def list(self, request: Request) -> Response:
        query = CreditNoteQuery.from_params(request.query_params)
        page = self.paginate_queryset(list_credit_notes(caller(request), query))
        return self.get_paginated_response([listed_data(note) for note in page or []])

    @extend_schema(responses={200: CreditNoteOutput})
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(credit_note_data(get_credit_note(caller(request), pk)))

    @extend_schema(request=CreditNoteInput, responses=CREATE_RESPONSES, examples=CREATE_EXAMPLES)
    def create(self, request: Request) -> Response:
        """Credit an invoice: its open balance goes down, the client is told. It cannot be undone."""
        shape = CreditNoteInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        with named_by("invoice", _("There is no such invoice.")):
            invoice = get_invoice(caller(request), given["invoice"])
        act = {"invoice": invoice, "reason": given["reason"], "by": caller(request)}
        if "lines" in given:
            amounts = {line["position"]: line["amount"] for line in given["lines"]}
            note = credit_lines(amounts=amounts, seen=given["seen"], **act)
        else:
            note = credit_whole_invoice(**act)
        made = get_credit_note(caller(request), note.pk)
        return Response(credit_note_data(made), status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: UUID) -> HttpResponse:
        return requested_file(
            request,
            download=download_credit_note_pdf,
            look=get_credit_note_pdf,
            note_id=pk,
            by=caller(request),
        )
