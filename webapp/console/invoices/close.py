"""Ends that an invoice can come to without money: void, or written off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.invoices.models import Invoice
from billing.invoices.policy import can_void, can_write_off
from billing.invoices.selectors import get_invoice
from billing.invoices.services.issuing import void_invoice, write_off_invoice
from infra.common.errors import Conflict
from tenants.firms.permissions import Permission
from webapp.console.invoices.forms import ReasonForm
from webapp.console.listing import staff_page
from webapp.kit.page_access import PersonRequest, person_of
from webapp.shared.sign_in.forms import add_errors


def _ended(
    request: PersonRequest,
    invoice: Invoice,
    may: Callable[[Any, Invoice], bool],
    act: Callable[..., Any],
    done: str,
    words: dict[str, str],
) -> HttpResponse:
    """Ask for the reason, then do it and go back to the invoice."""
    if request.method != "POST" and not may(request.user, invoice):
        return redirect("invoice", pk=invoice.pk)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(invoice=invoice, by=person_of(request), **form.cleaned_data)
            except Conflict as error:
                add_errors(form, error)
                status = 409
            else:
                return redirect(reverse("invoice", args=[invoice.pk]) + f"?done={done}")
    context = {"invoice": invoice, "form": form, **words}
    return render(request, "webapp/console/invoices/end.html", context, status=status)


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def void_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Declare it worthless, with a reason."""
    invoice = get_invoice(request.user, pk)
    words = {
        "title": _("Declare invoice %(number)s void?") % {"number": invoice},
        "lead": _(
            "Nobody can pay it afterwards. Its number stays used, and it cannot be brought back."
        ),
        "button": _("Declare void"),
    }
    if invoice.sent_at or invoice.shared_at:
        words["better"] = _(
            "The client has this invoice already. In most countries it is then put right by a"
            " credit note."
        )
    return _ended(request, invoice, can_void, void_invoice, "voided", words)


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def write_off_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Give up on what is open, with a reason."""
    invoice = get_invoice(request.user, pk)
    words = {
        "title": _("Write off invoice %(number)s?") % {"number": invoice},
        "lead": _(
            "You give up on what is still open, and the client is no longer asked to pay."
            " Should money come after all, it still counts."
        ),
        "button": _("Write off"),
    }
    return _ended(request, invoice, can_write_off, write_off_invoice, "written_off", words)
