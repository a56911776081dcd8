"""Firms: find one, see how it stands, suspend it, serve it again."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from infra.common.errors import DomainError
from tenants.firms.lifecycle import reactivate_firm, suspend_firm
from tenants.firms.models import Firm
from tenants.firms.selectors import get_firm, list_firms
from webapp.kit.page_access import person_of, person_required
from webapp.operator.firms.forms import SuspendForm
from webapp.shared.sign_in.forms import add_errors

PAGE_SIZE = 25


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


@person_required
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """All firms by name, with a search over name, address and owner."""
    search = request.GET.get("q", "").strip()
    status = request.GET.get("status", "")
    status = status if status in Firm.Status.values else ""
    number = _page_number(request.GET.get("page", ""))
    found = list_firms(search=search, status=status, page=number, page_size=PAGE_SIZE)
    context = {
        "rows": found.rows,
        "page": Paginator(range(found.count), PAGE_SIZE).get_page(number),
        "search": search,
        "status": status,
        "statuses": Firm.Status.choices,
        "total": sum(found.by_status.values()),
        "active": found.by_status.get(Firm.Status.ACTIVE, 0),
        "suspended": found.by_status.get(Firm.Status.SUSPENDED, 0),
    }
    part = "rows" if request.htmx and not request.htmx.boosted else ""  # type: ignore[attr-defined]
    template = f"webapp/operator/firms.html{'#' + part if part else ''}"
    return render(request, template, context)


@person_required
@require_safe
def firm_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One firm: its addresses, its state, its release."""
    return render(request, "webapp/operator/firm.html", {"firm": get_firm(pk)})


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def suspend_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the reason, then stop serving the firm."""
    firm = get_firm(pk)
    form = SuspendForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                suspend_firm(firm_id=pk, reason=form.cleaned_data["reason"], by=person_of(request))
            except DomainError as error:
                add_errors(form, error)
            else:
                return redirect("firm", pk=pk)
    context = {"firm": firm, "form": form}
    return render(request, "webapp/operator/suspend.html", context, status=status)


@person_required
@require_POST
def reactivate_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Serve a suspended firm again."""
    reactivate_firm(firm_id=pk, by=person_of(request))
    return redirect("firm", pk=pk)
