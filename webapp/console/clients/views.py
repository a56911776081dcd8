"""Clients: the list, one with everything around it, creating and changing them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from billing.invoices.queues import balances_of
from billing.invoices.selectors import InvoiceQuery, list_invoices
from infra.common.errors import DomainError, NotFound
from infra.tenancy.firm_context import current_firm
from tenants.access.selectors import contacts_of, find_invited_clients
from tenants.firms.permissions import Permission
from tenants.matters.selectors import find_matters
from tenants.people.clients import create_client, update_client
from tenants.people.models import Client
from tenants.people.selectors import (
    assignable_attorneys,
    attorneys_of,
    find_clients,
    get_client,
    get_colleague,
)
from webapp.console.clients.forms import ClientForm
from webapp.console.listing import page_of, render_part, staff_page
from webapp.kit.page_access import PersonRequest, person_of
from webapp.shared.sign_in.forms import add_errors

SHOWN_INVOICES = 10


@staff_page()
@require_safe
def list_page(request: PersonRequest) -> HttpResponse:
    """Clients by name, with what they owe."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    invited = request.GET.get("invited") == "1"
    find = find_invited_clients if invited else find_clients
    page = page_of(find(request.user, words), request)
    owed = balances_of(request.user, [client.pk for client in page])
    context = {
        "page": page,
        "rows": [(client, owed.get(client.pk, [])) for client in page],
        "words": words,
        "invited": invited,
        "may_manage": request.user.may(Permission.MANAGE_CLIENTS),
    }
    return render_part(request, "webapp/console/clients/list.html", "rows", context)


def form_page(
    request: PersonRequest, name: str, form: Any, status: int, **context: Any
) -> HttpResponse:
    """A page of one form about a client."""
    return render(
        request, f"webapp/console/clients/{name}.html", {"form": form, **context}, status=status
    )


@staff_page(Permission.MANAGE_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: PersonRequest) -> HttpResponse:
    """A client to create."""
    start = {"kind": Client.Kind.ORGANISATION, "country": current_firm().country}
    form = ClientForm(request.POST or None, initial=start)
    if request.method != "POST":
        return form_page(request, "new", form, 200)
    if form.is_valid():
        try:
            client = create_client(by=person_of(request), **form.cleaned_data)
        except DomainError as error:
            add_errors(form, error)
        else:
            return redirect(reverse("client", args=[client.pk]) + "?done=created")
    return form_page(request, "new", form, 422)


def show_client(
    request: PersonRequest, client: Client, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The client's page, with what stands against what was asked."""
    user = request.user
    query = InvoiceQuery(client=client.pk)
    invoices = list_invoices(user, query, page_size=SHOWN_INVOICES)
    may_manage = user.may(Permission.MANAGE_CLIENTS, client_id=client.pk)
    context = {
        "client": client,
        "contacts": contacts_of(user, client),
        "matters": find_matters(user, client_id=client.pk),
        "invoices": invoices.rows,
        "invoice_count": invoices.count,
        "balances": balances_of(user, [client.pk]).get(client.pk, []),
        "attorneys": attorneys_of(client),
        "assignable": assignable_attorneys(client) if may_manage else [],
        "may_manage": may_manage,
        "may_bill": user.may(Permission.MANAGE_BILLS, client_id=client.pk),
        "done": request.GET.get("done", ""),
        "about": request.GET.get("about", ""),
        "unassigned": _asked_colleague(request),
        "problem": problem,
    }
    return render(request, "webapp/console/clients/client.html", context, status=status)


def _asked_colleague(request: PersonRequest) -> Any:
    """The attorney who was just taken off, so that it can be undone."""
    if request.GET.get("done") != "unassigned":
        return None
    try:
        return get_colleague(UUID(request.GET.get("about", "")))
    except (ValueError, NotFound):
        return None


@staff_page()
@require_safe
def client_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One client: contacts, matters, invoices, balance."""
    return show_client(request, get_client(request.user, pk))


@staff_page(Permission.MANAGE_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A client to change."""
    client = get_client(request.user, pk)
    start = {name: getattr(client, name) for name in ClientForm.base_fields}
    form = ClientForm(request.POST or None, initial=start)
    if request.method != "POST":
        return form_page(request, "edit", form, 200, client=client)
    if form.is_valid():
        try:
            update_client(client=client, changes=form.cleaned_data, by=person_of(request))
        except DomainError as error:
            add_errors(form, error)
            client = get_client(request.user, pk)
        else:
            return redirect(reverse("client", args=[pk]) + "?done=changed")
    return form_page(request, "edit", form, 422, client=client)
