"""Invoices: lists, one with its lines, PDF, send, pay."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from billing.invoices.models import Invoice
from billing.invoices.selectors import (
    InvoiceQuery,
    get_invoice,
    list_invoices,
    timekeepers_by_id,
)
from billing.invoices.services.drafting import (
    DRAFT_FIELDS,
    LineDraft,
    create_draft,
    delete_draft,
    update_draft,
)
from billing.invoices.services.issuing import (
    issue_invoice,
    send_invoice,
    share_invoice,
    unshare_invoice,
    void_invoice,
    write_off_invoice,
)
from billing.invoices.services.reading import download_invoice_pdf, get_invoice_pdf
from billing.payments.invoice_detail import read_sheet
from billing.payments.services.reading import read_invoice_sheet
from billing.payments.services.starting import start_payment
from branding.letterhead.mails import portal_address
from infra.common.errors import Invalid, NotFound
from portal_api.downloads import requested_file
from portal_api.errors import named_by
from portal_api.pagination import page_size_of, whole_number
from portal_api.permissions import SignedIn, caller
from portal_api.v1.invoices.drafts import (
    CHANGE_EXAMPLES,
    CHANGE_RESPONSES,
    DraftChange,
    InvoiceSheetOutput,
    changed_lines,
    invoice_data,
)
from portal_api.v1.invoices.serializers import (
    FILTERS,
    InvoiceInput,
    InvoiceListOutput,
    InvoiceOutput,
    PayInput,
    VoidInput,
    WriteOffInput,
    row_data,
    sheet_data,
)
from portal_api.v1.payments.views import PaymentOutput, payment_data
from tenants.matters.models import Matter
from tenants.matters.selectors import get_matter
from tenants.people.selectors import get_client


class InvoiceViewSet(GenericViewSet[Invoice]):
    """Invoices the person may see: staff by role, clients their own shared ones."""

    permission_classes = (SignedIn,)
    lookup_value_converter = "uuid"
    queryset = Invoice.objects.none()
    serializer_class = InvoiceOutput

    @extend_schema(parameters=FILTERS, responses={200: InvoiceListOutput(many=True)})
    def list(self, request: Request) -> Response:
        query = InvoiceQuery.from_params(request.query_params)
        page = whole_number(request, "page", 1, 100_000)
        size = page_size_of(request)
        found = list_invoices(caller(request), query, page=page, page_size=size)
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

    @extend_schema(responses={200: InvoiceSheetOutput})
    def retrieve(self, request: Request, pk: UUID) -> Response:
        if request.method == "GET":
            return Response(invoice_data(read_invoice_sheet(invoice_id=pk, by=caller(request))))
        return Response(invoice_data(read_sheet(caller(request), pk)))

    @extend_schema(request=InvoiceInput, responses={201: InvoiceSheetOutput})
    def create(self, request: Request) -> Response:
        shape = InvoiceInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = dict(shape.validated_data)
        with named_by("client", _("There is no such client.")):
            client = get_client(caller(request), given["client"])
        invoice = create_draft(
            client=client,
            matter=_matter(request, given.get("matter")),
            currency=given["currency"],
            subject=given.get("subject", ""),
            due_date=given.get("due_date"),
            lines=_line_drafts(given["lines"]),
            by=caller(request),
        )
        return Response(
            invoice_data(read_sheet(caller(request), invoice.pk)),
            status=status.HTTP_201_CREATED,
        )

    @extend_schema(request=DraftChange, responses=CHANGE_RESPONSES, examples=CHANGE_EXAMPLES)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change a draft. Name the ``version`` that you read: if somebody changed the draft since,
        or issued it, the answer is 409 and nothing is saved."""
        invoice = get_invoice(caller(request), pk)
        shape = DraftChange(data=request.data)
        shape.is_valid(raise_exception=True)
        given = dict(shape.validated_data)
        changes = {name: given[name] for name in DRAFT_FIELDS if name in given}
        if "matter" in changes:
            changes["matter"] = _matter(request, changes["matter"])
        lines = None
        if "lines" in given:
            values = _line_values(given["lines"])
            lines = changed_lines(invoice, given["lines"], values)
        changed = update_draft(
            invoice=invoice,
            changes=changes,
            lines=lines,
            seen=given["version"],
            by=caller(request),
        )
        return Response(invoice_data(read_sheet(caller(request), changed.pk)))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        delete_draft(invoice=get_invoice(caller(request), pk), by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: UUID) -> HttpResponse:
        return requested_file(
            request,
            download=download_invoice_pdf,
            look=get_invoice_pdf,
            invoice_id=pk,
            by=caller(request),
        )

    def _acted(self, request: Request, pk: UUID) -> Response:
        return Response(sheet_data(read_sheet(caller(request), pk)))

    @extend_schema(request=None, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, pk: UUID) -> Response:
        issue_invoice(invoice=get_invoice(caller(request), pk), by=caller(request))
        return self._acted(request, pk)

    @extend_schema(request=None, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: UUID) -> Response:
        send_invoice(invoice=get_invoice(caller(request), pk), by=caller(request))
        return self._acted(request, pk)

    @extend_schema(request=None, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def share(self, request: Request, pk: UUID) -> Response:
        share_invoice(invoice=get_invoice(caller(request), pk), by=caller(request))
        return self._acted(request, pk)

    @extend_schema(request=None, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def unshare(self, request: Request, pk: UUID) -> Response:
        unshare_invoice(invoice=get_invoice(caller(request), pk), by=caller(request))
        return self._acted(request, pk)

    @extend_schema(request=VoidInput, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: UUID) -> Response:
        shape = VoidInput(data=request.data)
        shape.is_valid(raise_exception=True)
        void_invoice(
            invoice=get_invoice(caller(request), pk),
            reason=shape.validated_data["reason"],
            by=caller(request),
        )
        return self._acted(request, pk)

    @extend_schema(request=WriteOffInput, responses={200: InvoiceOutput})
    @action(detail=True, methods=["post"], url_path="write-off")
    def write_off(self, request: Request, pk: UUID) -> Response:
        """Give up on what is open. A later payment still counts."""
        shape = WriteOffInput(data=request.data)
        shape.is_valid(raise_exception=True)
        write_off_invoice(
            invoice=get_invoice(caller(request), pk),
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
            invoices=[get_invoice(caller(request), pk)],
            amount=shape.validated_data.get("amount"),
            by=caller(request),
            return_url=portal_address("/payments/{payment}/"),
        )
        data = payment_data(started.payment)
        data["redirect_url"] = started.redirect_url
        return Response(data, status=status.HTTP_201_CREATED)


def _matter(request: Request, key: UUID | None) -> Matter | None:
    if key is None:
        return None
    with named_by("matter", _("There is no such matter.")):
        return get_matter(caller(request), key)


def _line_drafts(lines: list[dict[str, Any]]) -> list[LineDraft]:
    return [LineDraft(**values) for values in _line_values(lines)]


def _line_values(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each line says, with the timekeeper it names."""
    named = [line["timekeeper"] for line in lines if line.get("timekeeper")]
    keepers = timekeepers_by_id(named) if named else {}
    found = []
    for at, line in enumerate(lines):
        values = {name: value for name, value in line.items() if name != "position"}
        key = values.get("timekeeper")
        if key and key not in keepers:
            raise Invalid(fields={f"lines[{at}].timekeeper": [_("There is no such timekeeper.")]})
        if "timekeeper" in values:
            values["timekeeper"] = keepers[key] if key else None
        found.append(values)
    return found


def _link(request: Request, page: int) -> str:
    given = [(name, values) for name, values in request.query_params.lists() if name != "page"]
    query = urlencode([*given, ("page", page)], doseq=True)
    return str(request.build_absolute_uri(f"{request.path}?{query}"))
