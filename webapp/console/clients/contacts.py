"""The people who act for a client: adding, changing, inviting them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from infra.common.actor import require
from infra.common.errors import Conflict, DomainError
from tenants.access.invitations import invite_contact, revoke_invitation
from tenants.access.selectors import contacts_of, get_invitation
from tenants.firms.permissions import Permission
from tenants.people.clients import create_contact, update_contact
from tenants.people.models import Contact
from tenants.people.selectors import get_client, get_contact
from webapp.console.clients.forms import ContactForm, NewContactForm
from webapp.console.clients.views import form_page, show_client
from webapp.console.listing import staff_page
from webapp.kit.page_access import PersonRequest, person_of
from webapp.shared.sign_in.forms import add_errors


def _to_contacts(contact: Contact, done: str) -> HttpResponse:
    target = reverse("client", args=[contact.client_id])
    return redirect(f"{target}?done={done}&about={contact.pk}#contacts")


@staff_page(Permission.MANAGE_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Somebody who acts for the client, invited right away if wanted."""
    client = get_client(request.user, pk)
    form = NewContactForm(request.POST or None)
    if request.method != "POST":
        return form_page(request, "new_contact", form, 200, client=client)
    if form.is_valid():
        given = dict(form.cleaned_data)
        invite = given.pop("invite")
        try:
            contact = create_contact(client=client, by=person_of(request), **given)
        except DomainError as error:
            add_errors(form, error)
        else:
            if not invite:
                return _to_contacts(contact, "contact")
            invite_contact(contact=contact, by=person_of(request))
            return _to_contacts(contact, "invited")
    return form_page(request, "new_contact", form, 422, client=client)


@staff_page(Permission.MANAGE_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A contact to change; who signed in already keeps their address."""
    contact = get_contact(request.user, pk)
    client = contact.client
    require(request.user.may(Permission.MANAGE_CLIENTS, client_id=client.pk))
    start = {name: getattr(contact, name) for name in ContactForm.base_fields}
    form = ContactForm(request.POST or None, initial=start)
    if contact.user_id is not None:
        form.keep_address()
    if request.method != "POST":
        return form_page(request, "edit_contact", form, 200, client=client, contact=contact)
    if form.is_valid():
        invited = _is_invited(request, contact)
        try:
            changed = update_contact(
                contact=contact, changes=form.cleaned_data, by=person_of(request)
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            withdrawn = invited and not _is_invited(request, changed)
            return _to_contacts(changed, "readdressed" if withdrawn else "changed-contact")
    return form_page(request, "edit_contact", form, 422, client=client, contact=contact)


def _is_invited(request: PersonRequest, contact: Contact) -> bool:
    return any(
        access.contact.pk == contact.pk and access.invitation is not None
        for access in contacts_of(request.user, contact.client)
    )


@staff_page(Permission.MANAGE_CLIENTS)
@require_POST
def invite_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Send a contact the way in; an open invitation is sent anew."""
    contact = get_contact(request.user, pk)
    try:
        invite_contact(contact=contact, by=person_of(request))
    except Conflict as error:
        return show_client(request, contact.client, problem=str(error), status=409)
    return _to_contacts(contact, "invited")


@staff_page(Permission.MANAGE_CLIENTS)
@require_POST
def revoke_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Make a contact's invitation worthless."""
    invitation = get_invitation(request.user, pk)
    require(invitation.contact is not None)
    revoke_invitation(invitation=invitation, by=person_of(request))
    contact = invitation.contact
    assert contact is not None  # noqa: S101
    return _to_contacts(contact, "revoked")
