"""Credit an invoice, whole or in part, and the credit note on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from billing.credit_notes.calculation import Left, NotCreditable, credit_sums, offset_and_surplus
from billing.credit_notes.policy import can_credit
from billing.credit_notes.reading import download_credit_note_pdf, get_credit_note_pdf
from billing.credit_notes.selectors import (
    CreditNoteQuery,
    list_credit_notes,
    what_is_left,
)
from billing.credit_notes.services import credit_lines, credit_whole_invoice
from billing.invoices.models import Invoice
from billing.invoices.selectors import get_invoice
from infra.common.errors import Conflict, Invalid
from tenants.firms.permissions import Permission
from webapp.console.credit_notes.forms import CreditFilterForm, CreditForm
from webapp.console.invoices.forms import MOST_LINES
from webapp.console.listing import page_of, render_part, staff_page, wants_part
from webapp.kit.downloads import requested_file
from webapp.kit.page_access import PersonRequest, person_of

TEMPLATE = "webapp/console/invoices/credit.html"


def _page(
    request: PersonRequest,
    invoice: Invoice,
    left: Left,
    form: CreditForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "invoice": invoice,
        "left": left,
        "form": form,
        "here": request.path,
        "has_errors": status >= 400,
        "most_lines": MOST_LINES,
        **more,
    }
    part = "#sums" if "sums" in more and wants_part(request) else ""
    return render(request, TEMPLATE + part, context, status=status)


def _worked_out(request: PersonRequest, invoice: Invoice, left: Left) -> HttpResponse:
    """What the typed amounts come to; nothing is kept."""
    form = CreditForm(request.POST, left=left)
    form.is_valid()
    sums, owed, held, problem = None, None, None, ""
    try:
        sums = credit_sums(left, form.amounts())
        offset, held = offset_and_surplus(sums.gross, invoice.balance)
        owed = invoice.balance - offset
    except NotCreditable as error:
        problem = next((said[0] for said in error.fields.values()), str(error))
    # Nobody asked to credit it yet: what was typed stays, and nothing is wrong.
    shown = CreditForm(left=left, typed=request.POST.dict())
    problem = problem if form.amounts() else ""
    return _page(request, invoice, left, shown, sums=sums, owed=owed, held=held, problem=problem)


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def credit_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """All of it with one button, or a part line by line, with the sums before anything is done."""
    invoice = get_invoice(request.user, pk)
    back = reverse("invoice", args=[pk])
    left = what_is_left(invoice)
    if request.method != "POST":
        if not can_credit(request.user, invoice):
            return redirect(back)
        return _page(request, invoice, left, CreditForm(left=left))
    do = request.POST.get("do", "")
    if do not in ("whole", "part"):
        return _worked_out(request, invoice, left)
    form = CreditForm(request.POST, left=left)
    if not form.is_valid():
        return _page(request, invoice, left, form, status=422)
    given = {"invoice": invoice, "reason": form.cleaned_data["reason"], "by": person_of(request)}
    try:
        if do == "whole":
            credit_whole_invoice(**given)
        else:
            credit_lines(amounts=form.amounts(), seen=form.cleaned_data["seen"], **given)
    except (Conflict, Invalid) as error:
        status = 409 if isinstance(error, Conflict) else 422
        invoice = get_invoice(request.user, pk)
        left = what_is_left(invoice)
        again = CreditForm(_renewed(request, left), left=left)
        again.is_valid()
        again.place(error)
        return _page(request, invoice, left, again, status=status)
    return redirect(f"{back}?done=credited")


def _renewed(request: PersonRequest, left: Left) -> Any:
    """What was typed, on what is left now: crediting it after all is then a decision."""
    data = request.POST.copy()
    data["seen"] = str(left.credited)
    return data


@staff_page()
@require_safe
def list_page(request: PersonRequest) -> HttpResponse:
    """Credit notes of a time, newest first: what a VAT return asks for."""
    status = 200
    try:
        query = CreditNoteQuery.from_params(request.GET)
    except Invalid:
        query, status = CreditNoteQuery(), 422
    found = list_credit_notes(request.user, query)
    context = {
        "page": page_of(found, request),
        "form": CreditFilterForm(request.GET),
        "active": sum(bool(day) for day in (query.issued_after, query.issued_before)),
        "is_filtered": query != CreditNoteQuery(),
    }
    template = "webapp/console/invoices/credit_notes.html"
    return render_part(request, template, "rows", context, status=status)


@staff_page()
@require_safe
def credit_note_pdf_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A credit note on paper, as it was first drawn."""
    return requested_file(
        request,
        download=download_credit_note_pdf,
        look=get_credit_note_pdf,
        note_id=pk,
        by=person_of(request),
    )
