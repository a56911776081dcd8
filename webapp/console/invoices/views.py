"""Invoices: the list, one with everything around it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.credit_notes.policy import can_credit
from billing.invoices.models import BillingSettings, Invoice
from billing.invoices.pdf import grouped
from billing.invoices.policy import can_void, can_write_off
from billing.invoices.queues import sendable, staff_lines
from billing.invoices.selectors import InvoiceQuery, get_invoice, list_invoices
from billing.invoices.services.drafting import delete_draft
from billing.invoices.services.issuing import (
    DEAD,
    send_invoice,
    share_invoice,
    unshare_invoice,
)
from billing.invoices.services.reading import (
    download_invoice_pdf,
    get_invoice_pdf,
    read_invoice,
)
from billing.payments.history import invoice_history, invoice_readers
from branding.identity.selectors import legal_identity
from infra.common.errors import Conflict, Invalid
from infra.common.money import Money, total
from infra.tenancy.locale_formats import today_of_firm
from tenants.firms.permissions import Permission
from tenants.people.selectors import contacts_to_view_as, invoice_recipients
from webapp.console.invoices.forms import FilterForm, PickForm
from webapp.console.listing import PER_PAGE, fetched_page, page_number, render_part, staff_page
from webapp.kit.downloads import requested_file
from webapp.kit.page_access import PersonRequest, person_of


def _list_context(request: PersonRequest, query: InvoiceQuery, number: int) -> dict[str, Any]:
    found = list_invoices(request.user, query, page=number, page_size=PER_PAGE)
    named = ("status", "issued_after", "issued_before")
    return {
        "page": fetched_page(found.rows, found.count, number),
        "form": FilterForm(request.GET),
        "ordering": query.ordering,
        "active": sum(bool(getattr(query, name)) for name in named),
        "is_filtered": query.is_filtered,
        "may_bill": request.user.may(Permission.MANAGE_BILLS),
        "done": request.GET.get("done", ""),
        "sent_count": request.GET.get("n", ""),
    }


@staff_page()
@require_safe
def list_page(request: PersonRequest) -> HttpResponse:
    """Invoices by filter and order; several can be picked and sent."""
    status = 200
    try:
        query = InvoiceQuery.from_params(request.GET)
    except Invalid:
        query, status = InvoiceQuery(), 422
    context = _list_context(request, query, page_number(request))
    return render_part(request, "webapp/console/invoices/list.html", "rows", context, status=status)


def _invoice_page(
    request: PersonRequest, invoice: Invoice, *, problem: str = "", status: int = 200
) -> HttpResponse:
    user = request.user
    may_bill = user.may(Permission.MANAGE_BILLS, client_id=invoice.client_id)
    is_draft = invoice.status == Invoice.Status.DRAFT
    context = {
        "invoice": invoice,
        "shown_status": invoice.shown_status(today_of_firm()),
        "groups": grouped(staff_lines(invoice)),
        "vat": invoice.vat.all(),
        "identity": legal_identity(),
        "history": invoice_history(invoice),
        "readers": invoice_readers(invoice),
        "is_draft": is_draft,
        "eyes": contacts_to_view_as(user, invoice.client) if invoice.shared_at else [],
        "may_bill": may_bill,
        "may_send": may_bill and invoice.status not in DEAD,
        "may_credit": can_credit(user, invoice),
        "may_write_off": can_write_off(user, invoice),
        "may_void": can_void(user, invoice),
        "done": request.GET.get("done", ""),
        "problem": problem,
    }
    return render(request, "webapp/console/invoices/invoice.html", context, status=status)


@staff_page()
@require_safe
def invoice_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One invoice as it looks, with what the firm knows about it."""
    if request.method == "GET":
        return _invoice_page(request, read_invoice(invoice_id=pk, by=person_of(request)))
    return _invoice_page(request, get_invoice(request.user, pk))


@staff_page()
@require_safe
def pdf_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The invoice on paper: as it was sent, or as it stands."""
    return requested_file(
        request,
        download=download_invoice_pdf,
        look=get_invoice_pdf,
        invoice_id=pk,
        by=person_of(request),
    )


def _acted(
    request: PersonRequest, pk: UUID, act: Callable[..., Any], done: str, **given: Any
) -> HttpResponse:
    """Do it and go back to the invoice; what rules it out is said there."""
    invoice = get_invoice(request.user, pk)
    try:
        act(invoice=invoice, by=person_of(request), **given)
    except Conflict as error:
        # It shows the invoice as its own address does.
        shown = read_invoice(invoice_id=pk, by=person_of(request))
        return _invoice_page(request, shown, problem=str(error), status=409)
    return redirect(reverse("invoice", args=[pk]) + f"?done={done}")


def _sending_context(request: PersonRequest, invoices: list[Invoice]) -> dict[str, Any]:
    currencies = sorted({invoice.currency for invoice in invoices})
    receivers = invoice_recipients({invoice.client_id for invoice in invoices})
    terms = BillingSettings.current()
    return {
        "invoices": [(invoice, receivers.get(invoice.client_id, [])) for invoice in invoices],
        "lonely": sum(invoice.client_id not in receivers for invoice in invoices),
        "drafts": sum(invoice.status == Invoice.Status.DRAFT for invoice in invoices),
        "sums": [
            total((Money(i.balance, i.currency) for i in invoices if i.currency == code), code)
            for code in currencies
        ],
        "shares": terms.invoice_sharing == BillingSettings.Sharing.AUTOMATIC,
        "payment_terms_days": terms.payment_terms_days,
    }


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def send_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Who will get what; then send it. What leaves the firm is looked at once more."""
    invoice = get_invoice(request.user, pk)
    if request.method == "POST":
        return _acted(request, pk, send_invoice, "sent")
    if invoice.status in DEAD:
        return redirect("invoice", pk=pk)
    context = {"invoice": invoice, **_sending_context(request, [invoice])}
    return render(request, "webapp/console/invoices/send.html", context)


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_send_page(request: PersonRequest) -> HttpResponse:
    """The same for several: first the list of what will leave, then sending it."""
    data = request.POST if request.method == "POST" else request.GET
    invoices = sendable(request.user, PickForm.keys(data.getlist("pick")))
    if not invoices:
        return redirect(reverse("invoices") + "?done=none")
    if request.method == "POST":
        for invoice in invoices:
            send_invoice(invoice=invoice, by=person_of(request))
        return redirect(reverse("invoices") + f"?done=sent&n={len(invoices)}")
    context = _sending_context(request, invoices)
    return render(request, "webapp/console/invoices/send_many.html", context)


@staff_page(Permission.MANAGE_BILLS)
@require_POST
def share_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Let the client see it."""
    return _acted(request, pk, share_invoice, "shared")


@staff_page(Permission.MANAGE_BILLS)
@require_POST
def unshare_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take it back from the client's view."""
    return _acted(request, pk, unshare_invoice, "unshared")


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Throw a draft away."""
    invoice = get_invoice(request.user, pk)
    if request.method != "POST":
        if invoice.status != Invoice.Status.DRAFT:
            return redirect("invoice", pk=pk)
        return render(request, "webapp/console/invoices/delete.html", {"invoice": invoice})
    try:
        delete_draft(invoice=invoice, by=person_of(request))
    except Conflict as error:
        # It shows the invoice as its own address does.
        shown = read_invoice(invoice_id=pk, by=person_of(request))
        return _invoice_page(request, shown, problem=str(error), status=409)
    return redirect(reverse("invoices") + "?done=deleted")
