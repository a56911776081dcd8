"""Clients, their contacts, and who of them can sign in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.invoices.queues import balances_of
from billing.invoices.selectors import InvoiceQuery, list_invoices
from infra.common.errors import Conflict, DomainError
from infra.common.firm_context import current_firm
from tenants.matters.selectors import find_matters
from tenants.people.clients import create_client, create_contact, update_client
from tenants.people.invitations import invite_contact, revoke_invitation
from tenants.people.models import Client
from tenants.people.policy import can_manage_bills, can_manage_client, can_manage_clients, require
from tenants.people.selectors import (
    contacts_of,
    find_clients,
    get_client,
    get_contact,
    get_invitation,
)
from webapp.access import person_of
from webapp.forms.access import add_errors
from webapp.forms.console.clients import ClientForm, ContactForm
from webapp.pages.console.listing import page_of, render_part, staff_page

SHOWN_INVOICES = 10


@staff_page()
@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """Clients by name, with what they owe."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    invited = request.GET.get("invited") == "1"
    page = page_of(find_clients(request.user, words, invited=invited), request)
    owed = balances_of(request.user, [client.pk for client in page])
    context = {
        "page": page,
        "rows": [(client, owed.get(client.pk, [])) for client in page],
        "words": words,
        "invited": invited,
        "may_manage": can_manage_clients(request.user),
    }
    return render_part(request, "webapp/console/clients/list.html", "rows", context)


def _form_page(
    request: HttpRequest, name: str, form: Any, status: int, **context: Any
) -> HttpResponse:
    return render(
        request, f"webapp/console/clients/{name}.html", {"form": form, **context}, status=status
    )


@staff_page(can_manage_clients)
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: HttpRequest) -> HttpResponse:
    """A client to create."""
    start = {"kind": Client.Kind.ORGANISATION, "country": current_firm().country}
    form = ClientForm(request.POST or None, initial=start)
    if request.method != "POST":
        return _form_page(request, "new", form, 200)
    if form.is_valid():
        try:
            client = create_client(by=person_of(request), **form.cleaned_data)
        except DomainError as error:
            add_errors(form, error)
        else:
            return redirect(reverse("client", args=[client.pk]) + "?done=created")
    return _form_page(request, "new", form, 422)


def _client_page(
    request: HttpRequest, client: Client, *, problem: str = "", status: int = 200
) -> HttpResponse:
    user = request.user
    query = InvoiceQuery(client=client.pk)
    invoices = list_invoices(user, query, page_size=SHOWN_INVOICES)
    context = {
        "client": client,
        "contacts": contacts_of(user, client),
        "matters": find_matters(user).filter(client=client),
        "invoices": invoices.rows,
        "invoice_count": invoices.count,
        "balances": balances_of(user, [client.pk]).get(client.pk, []),
        "may_manage": can_manage_client(user, client),
        "may_bill": can_manage_bills(user) and can_manage_client(user, client),
        "done": request.GET.get("done", ""),
        "about": request.GET.get("about", ""),
        "problem": problem,
    }
    return render(request, "webapp/console/clients/client.html", context, status=status)


@staff_page()
@require_safe
def client_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One client: contacts, matters, invoices, balance."""
    return _client_page(request, get_client(request.user, pk))


@staff_page(can_manage_clients)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A client to change."""
    client = get_client(request.user, pk)
    start = {name: getattr(client, name) for name in ClientForm.base_fields}
    form = ClientForm(request.POST or None, initial=start)
    if request.method != "POST":
        return _form_page(request, "edit", form, 200, client=client)
    if form.is_valid():
        try:
            update_client(client=client, changes=form.cleaned_data, by=person_of(request))
        except DomainError as error:
            add_errors(form, error)
            client = get_client(request.user, pk)
        else:
            return redirect(reverse("client", args=[pk]) + "?done=changed")
    return _form_page(request, "edit", form, 422, client=client)


@staff_page(can_manage_clients)
@require_http_methods(["GET", "HEAD", "POST"])
def new_contact_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Somebody who acts for the client, invited right away if wanted."""
    client = get_client(request.user, pk)
    form = ContactForm(request.POST or None)
    if request.method != "POST":
        return _form_page(request, "new_contact", form, 200, client=client)
    if form.is_valid():
        given = dict(form.cleaned_data)
        invite = given.pop("invite")
        try:
            contact = create_contact(client=client, by=person_of(request), **given)
        except DomainError as error:
            add_errors(form, error)
        else:
            done = "contact"
            if invite:
                invite_contact(contact=contact, by=person_of(request))
                done = "invited"
            return redirect(
                reverse("client", args=[pk]) + f"?done={done}&about={contact.pk}#contacts"
            )
    return _form_page(request, "new_contact", form, 422, client=client)


@staff_page(can_manage_clients)
@require_POST
def invite_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a contact the way in; an open invitation is sent anew."""
    contact = get_contact(request.user, pk)
    try:
        invite_contact(contact=contact, by=person_of(request))
    except Conflict as error:
        return _client_page(request, contact.client, problem=str(error), status=409)
    target = reverse("client", args=[contact.client_id])
    return redirect(f"{target}?done=invited&about={contact.pk}#contacts")


@staff_page(can_manage_clients)
@require_POST
def revoke_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a contact's invitation worthless."""
    invitation = get_invitation(request.user, pk)
    require(invitation.contact is not None)
    revoke_invitation(invitation=invitation, by=person_of(request))
    contact = invitation.contact
    assert contact is not None  # noqa: S101
    target = reverse("client", args=[contact.client_id])
    return redirect(f"{target}?done=revoked&about={contact.pk}#contacts")
