"""Clients and contacts: creating and changing them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event, record_events
from infra.common.actor import require
from infra.common.errors import Invalid, fields_under
from infra.common.names import require_plain_names
from infra.events.services import emit
from infra.tenancy.firm_settings import require_valid
from infra.tenancy.locale_formats import countries
from tenants.firms.permissions import Permission
from tenants.people.events import ContactAddressChanged, ContactChanging, ContactEnded
from tenants.people.models import Client, ClientAssignment, Contact, User
from tenants.people.roles import ASSIGNED_ROLES

BATCH = 1000
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


class ContactAddressKept(Invalid):
    """The person signs in with this address: only they can part with it."""

    message = _("This person signs in with the present address, so it stays.")


class NotAnAttorney(Invalid):
    """Only attorneys who work here are assigned; the other roles see every client."""

    message = _("Only attorneys who can sign in are assigned to clients.")


class UnknownCountry(Invalid):
    """Not a country's ISO 3166-1 code of two letters."""

    message = _("We do not know this country. Give its code of two letters, for example BE.")


def _require_usable(row: Client, fields: Sequence[str]) -> None:
    """Raises ``UnknownCountry``, and ``Invalid`` for what a field does not hold."""
    require_valid(row, list(fields))
    if "country" in fields and row.country and row.country not in countries():
        raise UnknownCountry(fields={"country": [str(UnknownCountry.message)]})


def create_client(*, name: str, code: str, kind: str, by: User, **details: Any) -> Client:
    """A new client. An attorney who creates one is assigned to it.

    Raises ``ClientNumberTaken``, ``UnknownCountry``, ``Invalid``.
    """
    require(by.may(Permission.MANAGE_CLIENTS))
    unknown = details.keys() - set(CLIENT_FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    client = Client(name=name, code=code, kind=kind, **details)
    _require_usable(client, CLIENT_FIELDS)
    try:
        _insert_clients([client], by)
    except IntegrityError as error:
        raise ClientNumberTaken(fields={"code": [str(ClientNumberTaken.message)]}) from error
    return client


def create_clients(*, clients: Sequence[Client], by: User) -> None:
    """Many new clients (unsaved rows) at once, all or none, each as ``create_client`` makes it.

    Raises ``ClientNumberTaken``, ``UnknownCountry`` and ``Invalid``; their ``fields`` start with
    ``clients[<its number>]``.
    """
    require(by.may(Permission.MANAGE_CLIENTS))
    for client in clients:
        with fields_under(f"clients[{client.code}]"):
            _require_usable(client, CLIENT_FIELDS)
    try:
        _insert_clients(clients, by)
    except IntegrityError as error:
        codes = [client.code for client in clients]
        taken = set(Client.objects.filter(code__in=codes).values_list("code", flat=True))
        taken |= {code for code, times in Counter(codes).items() if times > 1}
        why = [str(ClientNumberTaken.message)]
        raise ClientNumberTaken(
            fields={f"clients[{code}].code": why for code in sorted(taken)}
        ) from error


def _insert_clients(clients: Sequence[Client], by: User) -> None:
    with transaction.atomic():
        Client.objects.bulk_create(clients, batch_size=BATCH)
        if by.role in ASSIGNED_ROLES:
            ClientAssignment.objects.bulk_create(
                ClientAssignment(client=client, user=by) for client in clients
            )
        record_events("client.created", by=by, about=[(client, client.pk) for client in clients])


def update_client(*, client: Client, changes: Mapping[str, Any], by: User) -> Client:
    """Change the named fields of a client.

    Raises ``ClientNumberTaken``, ``UnknownCountry``, ``Invalid``.
    """
    require(by.may(Permission.MANAGE_CLIENTS, client_id=client.pk))
    changed = {name: changes[name] for name in CLIENT_FIELDS if name in changes}
    for name, value in changed.items():
        setattr(client, name, value)
    _require_usable(client, list(changed))
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
    """Somebody who acts for the client; no access before an invitation.

    Raises ``ContactExists``, ``Invalid``.
    """
    require(by.may(Permission.MANAGE_CLIENTS, client_id=client.pk))
    given = {field: details[field] for field in CONTACT_FIELDS if field in details}
    contact = Contact(client=client, name=name, email=email, **given)
    _require_usable_contact(contact)
    try:
        _insert_contacts([contact], by)
    except IntegrityError as error:
        raise ContactExists(fields={"email": [str(ContactExists.message)]}) from error
    return contact


def create_contacts(*, contacts: Sequence[Contact], by: User) -> None:
    """Many new contacts (unsaved rows) at once, all or none, each as ``create_contact`` makes it.

    Raises ``ContactExists`` and ``Invalid``; the ``fields`` of the latter start with
    ``contacts[<its address>]``.
    """
    clients = {contact.client_id for contact in contacts}
    require(all(by.may(Permission.MANAGE_CLIENTS, client_id=client) for client in clients))
    for contact in contacts:
        with fields_under(f"contacts[{contact.email}]"):
            _require_usable_contact(contact)
    try:
        _insert_contacts(contacts, by)
    except IntegrityError as error:
        raise ContactExists from error


def _require_usable_contact(contact: Contact) -> None:
    require_plain_names(name=contact.name)
    contact.email = contact.email.strip().lower()
    require_valid(contact, list(CONTACT_FIELDS))


def _insert_contacts(contacts: Sequence[Contact], by: User) -> None:
    with transaction.atomic():
        Contact.objects.bulk_create(contacts, batch_size=BATCH)
        about = [(contact, contact.client_id) for contact in contacts]
        record_events("contact.created", by=by, about=about)


def update_contact(*, contact: Contact, changes: Mapping[str, Any], by: User) -> Contact:
    """Change the named fields of a contact.

    A new address makes an open invitation worthless: it went to the old one. An end of access
    that has passed does the same, and signs the person out unless they act for another client.
    Raises ``ContactExists``, ``Invalid``, and ``ContactAddressKept`` for somebody who signed in
    already.
    """
    require(by.may(Permission.MANAGE_CLIENTS, client_id=contact.client_id))
    require_plain_names(name=changes.get("name", ""))
    try:
        with transaction.atomic():
            emit(ContactChanging(contact=contact.pk))
            current = Contact.objects.select_for_update().get(pk=contact.pk)
            changed = _changed(current, changes)
            if changed:
                current.save(update_fields=changed)
                record_event(
                    "contact.changed",
                    by=by,
                    about=current,
                    client_id=current.client_id,
                    meta={"fields": sorted(changed)},
                )
            if "email" in changed:
                emit(ContactAddressChanged(contact=current.pk, by=by.pk))
            if not Contact.objects.active().filter(pk=current.pk).exists():
                emit(ContactEnded(contact=current.pk, by=by.pk, is_new="ends_on" in changed))
    except IntegrityError as error:
        raise ContactExists(fields={"email": [str(ContactExists.message)]}) from error
    return current


def _changed(contact: Contact, changes: Mapping[str, Any]) -> list[str]:
    """Set what differs on the contact; returns the names."""
    given = {name: changes[name] for name in CONTACT_FIELDS if name in changes}
    if "email" in given:
        given["email"] = given["email"].strip().lower()
    changed = [name for name, value in given.items() if getattr(contact, name) != value]
    if "email" in changed and contact.user_id is not None:
        raise ContactAddressKept(fields={"email": [str(ContactAddressKept.message)]})
    for name in changed:
        setattr(contact, name, given[name])
    require_valid(contact, changed)
    return changed


def assign_attorney(*, client: Client, attorney: User, by: User) -> None:
    """Let an attorney see and serve a client; doing it twice is harmless.

    Raises ``NotAnAttorney``.
    """
    require(by.may(Permission.MANAGE_CLIENTS, client_id=client.pk))
    if not attorney.is_active or attorney.role not in ASSIGNED_ROLES:
        raise NotAnAttorney(fields={"attorney": [str(NotAnAttorney.message)]})
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


def unassign_attorney(*, client: Client, attorney: User, by: User) -> None:
    """Take a client out of an attorney's sight at once; doing it twice is harmless."""
    require(by.may(Permission.MANAGE_CLIENTS, client_id=client.pk))
    with transaction.atomic():
        gone, _rows = ClientAssignment.objects.filter(client=client, user=attorney).delete()
        if gone:
            record_event(
                "client.unassigned",
                by=by,
                about=client,
                client_id=client.pk,
                meta={"attorney": str(attorney.pk)},
            )
