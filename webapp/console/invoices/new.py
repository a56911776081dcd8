"""Write an invoice: a head and lines, added one by one, with the sums before anything is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from billing.invoices.models import InvoiceLine
from billing.invoices.services.drafting import create_draft
from infra.common.errors import DomainError
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import today_of_firm
from tenants.firms.permissions import Permission
from tenants.matters.selectors import find_matters
from tenants.people.selectors import find_clients
from webapp.console.invoices.forms import InvoiceForm, LineForms
from webapp.console.invoices.lines import PREFIX, form_page, place_errors, reworked, typed_lines
from webapp.console.listing import staff_page
from webapp.kit.page_access import PersonRequest, person_of


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _head(
    request: PersonRequest, data: QueryDict | None, typed: QueryDict | None = None
) -> InvoiceForm:
    asked = data or typed or request.GET
    client = _key(asked.get("client", ""))
    start = {
        "currency": current_firm().currency,
        **(typed.dict() if typed else {}),
        "client": client,
        "matter": _key(asked.get("matter", "")),
    }
    return InvoiceForm(
        data,
        initial=start,
        clients=find_clients(request.user),
        matters=find_matters(request.user, client_id=client)
        if client
        else find_matters(request.user).none(),
    )


def _first_line() -> dict[str, Any]:
    return {"kind": InvoiceLine.Kind.TIME, "date": today_of_firm(), "quantity": 1}


def _page(request: PersonRequest, head: InvoiceForm, lines: Any, **more: Any) -> HttpResponse:
    return form_page(request, head, lines, str(head["currency"].value() or "").upper(), **more)


@staff_page(Permission.MANAGE_BILLS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: PersonRequest) -> HttpResponse:
    """A draft to write. Adding a line and working out the sums keep nothing."""
    if request.method != "POST":
        return _page(
            request, _head(request, None), LineForms(initial=[_first_line()], prefix=PREFIX)
        )
    do = request.POST.get("do", "")
    if do != "create":
        return _reworked(request, do)
    head, lines = _head(request, request.POST), LineForms(request.POST, prefix=PREFIX)
    if head.is_valid() & lines.is_valid():
        try:
            invoice = create_draft(
                lines=[form.draft() for form in lines], by=person_of(request), **head.cleaned_data
            )
        except DomainError as error:
            place_errors(head, lines, error)
        else:
            return redirect(reverse("invoice", args=[invoice.pk]) + "?done=drafted")
    return _page(request, head, lines, read=lines, status=422)


def _reworked(request: PersonRequest, do: str) -> HttpResponse:
    data, part = reworked(request.POST, do)
    # Shown without data, so that nothing is complained about while somebody is still writing.
    head = _head(request, None, typed=data)
    lines = LineForms(initial=typed_lines(data), prefix=PREFIX)
    return _page(request, head, lines, read=LineForms(data, prefix=PREFIX), part=part)
