"""Invoices as the client sees them: the list, one as on paper, its PDF."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.credit_notes.reading import download_credit_note_pdf, get_credit_note_pdf
from billing.gateway.accounts import takes_payments
from billing.invoices.epc_qr import transfer_code
from billing.invoices.models import BillingSettings, Invoice
from billing.invoices.pdf import client_lines, grouped
from billing.invoices.policy import can_pay_now
from billing.invoices.selectors import InvoicePage, balances, get_invoice, list_invoices
from billing.invoices.services.reading import (
    download_invoice_pdf,
    get_invoice_pdf,
    read_invoice,
)
from billing.payments.selectors import payment_under_way
from branding.identity.selectors import legal_identity
from branding.letterhead.mails import firm_name
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import today_of_firm
from webapp.kit.downloads import requested_file
from webapp.kit.gateway_pages import may_lead_to_gateway
from webapp.kit.page_access import PersonRequest, person_of, person_required
from webapp.portal.copy import invoice_history, overdue_words, owed_words
from webapp.portal.forms import InvoiceFilterForm, PayForm
from webapp.portal.rows import listed_invoices

PAGE_SIZE = 25


def _found(request: PersonRequest, form: InvoiceFilterForm) -> tuple[InvoicePage, int]:
    number = form.cleaned_data.get("page") or 1
    found = list_invoices(request.user, form.query(), page=number, page_size=PAGE_SIZE)
    if not found.rows and found.count:
        number = -(-found.count // PAGE_SIZE)
        found = list_invoices(request.user, form.query(), page=number, page_size=PAGE_SIZE)
    return found, number


def _short_address(request: PersonRequest) -> str:
    asked = [(name, value) for name, value in request.GET.items() if value]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


@person_required
@require_safe
def list_page(request: PersonRequest) -> HttpResponse:
    """What is owed, and the invoices that fit the filters; HTMX gets the list alone."""
    form = InvoiceFilterForm(request.GET)
    status = 200 if form.is_valid() else 422
    found, number = _found(request, form)
    context = {
        "form": form,
        "rows": listed_invoices(
            found.rows, with_client=len({row.client_id for row in found.rows}) > 1
        ),
        "page": Paginator(range(found.count), PAGE_SIZE).get_page(number),
        "ordering": form.query().ordering,
        "is_filtered": form.query().is_filtered or bool(form.errors),
    }
    if request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "webapp/portal/invoices.html#rows", context, status=status)
        answer["HX-Push-Url"] = _short_address(request)
        return answer
    open_sums = balances(request.user)
    context |= {"owed": owed_words(open_sums), "overdue": overdue_words(open_sums)}
    return render(request, "webapp/portal/invoices.html", context, status=status)


def invoice_context(request: PersonRequest, invoice: Invoice, form: PayForm) -> dict[str, Any]:
    """What the invoice's page shows; the pay page shows it again when an amount was refused."""
    user = request.user
    decided = BillingSettings.current()
    identity = legal_identity()
    return {
        "invoice": invoice,
        "status": invoice.shown_status(today_of_firm()),
        "groups": grouped(client_lines(invoice)),
        "vat": list(invoice.vat.all()),
        "identity": identity,
        "transfer_code": transfer_code(invoice, identity, identity.company_name or firm_name()),
        "history": invoice_history(invoice, user),
        "form": form,
        "is_open": invoice.status in Invoice.OPEN_STATES and invoice.balance > 0,
        "can_pay": can_pay_now(user, invoice),
        "takes_payments": takes_payments(current_firm().id),
        "under_way": payment_under_way(invoice),
        "partial_payments": decided.partial_payments and decided.minimum_payment < invoice.balance,
        "minimum": decided.minimum_payment,
    }


@person_required
@require_safe
@may_lead_to_gateway
def invoice_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The invoice as on paper, with a calm way to pay beside it."""
    if request.method == "GET":
        invoice = read_invoice(invoice_id=pk, by=person_of(request))
    else:
        invoice = get_invoice(request.user, pk)
    context = invoice_context(request, invoice, PayForm())
    return render(request, "webapp/portal/invoice.html", context)


@person_required
@require_safe
def pdf_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The invoice on paper."""
    return requested_file(
        request,
        download=download_invoice_pdf,
        look=get_invoice_pdf,
        invoice_id=pk,
        by=person_of(request),
    )


@person_required
@require_safe
def credit_note_pdf_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A credit note on paper."""
    return requested_file(
        request,
        download=download_credit_note_pdf,
        look=get_credit_note_pdf,
        note_id=pk,
        by=person_of(request),
    )
