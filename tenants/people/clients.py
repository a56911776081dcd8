"""Clients and contacts: creating and changing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.errors import Invalid
from tenants.people.models import Client, ClientAssignment, Contact, User
from tenants.people.policy import can_manage_client, can_manage_clients, require

CLIENT_FIELDS = (
    "kind",
    "code",
    "name",
    "email",
    "phone",
    "vat_number",
    "address",
    "country",
    "language",
)
CONTACT_FIELDS = ("name", "email", "phone", "title", "may_pay", "receives_invoices", "ends_on")


class ClientNumberTaken(Invalid):
    """Another client has this number."""

    message = _("Another client has this number already.")


class ContactExists(Invalid):
    """The client has a contact with this address."""

    message = _("This client has a contact with this address already.")


def create_client(*, name: str, code: str, kind: str, by: User, **details: Any) -> Client:
    """A new client. An attorney who creates one is assigned to it. Raises ``ClientNumberTaken``."""
    require(can_manage_clients(by))
    unknown = details.keys() - set(CLIENT_FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    try:
        with transaction.atomic():
            client = Client.objects.create(name=name, code=code, kind=kind, **details)
            if by.role == User.Role.ATTORNEY:
                ClientAssignment.objects.create(client=client, user=by)
            record_event("client.created", by=by, about=client, client_id=client.pk)
    except IntegrityError as error:
        raise ClientNumberTaken(fields={"code": [str(ClientNumberTaken.message)]}) from error
    return client


def update_client(*, client: Client, changes: Mapping[str, Any], by: User) -> Client:
    """Change the named fields of a client. Raises ``ClientNumberTaken``."""
    require(can_manage_client(by, client))
    changed = {name: changes[name] for name in CLIENT_FIELDS if name in changes}
    for name, value in changed.items():
        setattr(client, name, value)
    try:
        with transaction.atomic():
            client.save(update_fields=list(changed))
            record_event(
                "client.changed",
                by=by,
                about=client,
                client_id=client.pk,
                meta={"fields": sorted(changed)},
            )
    except IntegrityError as error:
        raise ClientNumberTaken(fields={"code": [str(ClientNumberTaken.message)]}) from error
    return client


def create_contact(*, client: Client, name: str, email: str, by: User, **details: Any) -> Contact:
    """Somebody who acts for the client; no access before an invitation. Raises ``ContactExists``."""
    require(can_manage_client(by, client))
    try:
        with transaction.atomic():
            contact = Contact(client=client, name=name, email=email)
            for field in CONTACT_FIELDS:
                if field in details:
                    setattr(contact, field, details[field])
            contact.save()
            record_event("contact.created", by=by, about=contact, client_id=client.pk)
    except IntegrityError as error:
        raise ContactExists(fields={"email": [str(ContactExists.message)]}) from error
    return contact


def update_contact(*, contact: Contact, changes: Mapping[str, Any], by: User) -> Contact:
    """Change the named fields of a contact; the address of someone who signed in stays theirs."""
    require(can_manage_client(by, contact.client))
    changed = {name: changes[name] for name in CONTACT_FIELDS if name in changes}
    if contact.user_id is not None:
        changed.pop("email", None)
    for name, value in changed.items():
        setattr(contact, name, value)
    try:
        with transaction.atomic():
            contact.save(update_fields=list(changed))
            record_event(
                "contact.changed",
                by=by,
                about=contact,
                client_id=contact.client_id,
                meta={"fields": sorted(changed)},
            )
    except IntegrityError as error:
        raise ContactExists(fields={"email": [str(ContactExists.message)]}) from error
    return contact


def assign_attorney(*, client: Client, attorney: User, by: User) -> None:
    """Let an attorney see and serve a client; doing it twice is harmless."""
    require(can_manage_client(by, client))
    with transaction.atomic():
        _assignment, made = ClientAssignment.objects.get_or_create(client=client, user=attorney)
        if made:
            record_event(
                "client.assigned",
                by=by,
                about=client,
                client_id=client.pk,
                meta={"attorney": str(attorney.pk)},
            )
