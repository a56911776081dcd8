"""Read people: clients, their contacts and who of them can sign in, colleagues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from infra.common.actor import Actor, Reader
from infra.common.errors import NotFound
from tenants.firms.permissions import Permission
from tenants.people.models import Client, Contact, User
from tenants.people.roles import ASSIGNED_ROLES


class ClientUnknown(NotFound):
    """There is no such client, or it is not theirs to know of."""


class ContactUnknown(NotFound):
    """There is no such contact, or it is not theirs to know of."""


class ColleagueUnknown(NotFound):
    """Nobody of the firm has this id."""


def find_clients(user: Reader, text: str = "") -> QuerySet[Client]:
    """Clients the person may see whose name, number or contact fits ``text``, by name."""
    found: Any = Client.objects.visible_to(user).matching(text.replace("\x00", "")[:200])
    result: QuerySet[Client] = found.order_by("name", "id")
    return result


def get_client(user: Reader, client_id: UUID) -> Client:
    """One client. Raises ``ClientUnknown``, absent or forbidden alike."""
    found: Client | None = Client.objects.visible_to(user).filter(pk=client_id).first()
    if found is None:
        raise ClientUnknown
    return found


def clients_by_code(codes: Iterable[str]) -> dict[str, Client]:
    """Every client of the firm that has one of these numbers, by number."""
    return {client.code: client for client in Client.objects.filter(code__in=list(codes))}


def clients_with_contacts(clients: Iterable[Client]) -> set[UUID]:
    """The ids of those clients that have a contact, with access or without."""
    found = Contact.objects.filter(client__in=list(clients))
    return set(found.order_by().values_list("client_id", flat=True).distinct())


def get_contact(user: Reader, contact_id: UUID) -> Contact:
    """One contact with its client. Raises ``ContactUnknown``."""
    found: Contact | None = (
        Contact.objects.visible_to(user).select_related("client").filter(pk=contact_id).first()
    )
    if found is None:
        raise ContactUnknown
    return found


def find_contacts(user: Reader) -> QuerySet[Contact]:
    """Contacts of the clients the person may see, by name."""
    found: QuerySet[Contact] = Contact.objects.visible_to(user).order_by("name", "id")
    return found


def invoice_recipients(client_ids: Iterable[UUID]) -> dict[UUID, list[Contact]]:
    """Whom the clients' invoices and credit notes are mailed to, by client."""
    found: dict[UUID, list[Contact]] = {}
    for contact in Contact.objects.receiving_invoices().filter(client__in=list(client_ids)):
        found.setdefault(contact.client_id, []).append(contact)
    return found


def contacts_to_view_as(user: Actor, client: Client) -> list[Contact]:
    """The client's contacts through whose eyes the person may see the portal, by name."""
    if not user.may(Permission.VIEW_AS_CLIENT, client_id=client.pk):
        return []
    return list(Contact.objects.active().filter(client=client).order_by("name", "id"))


def colleagues() -> QuerySet[User]:
    """The firm's staff by name."""
    return User.objects.filter(kind=User.Kind.STAFF).order_by("name", "id")


def get_colleague(colleague_id: UUID) -> User:
    """One of the firm's staff, with access or without. Raises ``ColleagueUnknown``."""
    found = colleagues().filter(pk=colleague_id).first()
    if found is None:
        raise ColleagueUnknown
    return found


def attorneys_of(client: Client) -> QuerySet[User]:
    """The attorneys assigned to a client, by name."""
    return colleagues().filter(role__in=ASSIGNED_ROLES, assignments__client=client)


def count_assigned(attorney: User) -> int:
    """How many clients an attorney is assigned to, with access or without."""
    return Client.objects.filter(assignments__user=attorney).count()


def assignable_attorneys(client: Client) -> QuerySet[User]:
    """Attorneys who can sign in and are not assigned to the client yet, by name."""
    working = colleagues().filter(role__in=ASSIGNED_ROLES, is_active=True)
    return working.exclude(assignments__client=client)
