"""Who may do what with people; services require it, buttons ask it."""

from __future__ import annotations

from typing import Any

from infra.common.errors import NotAllowed
from tenants.people.models import Client, Contact, User

Role = User.Role
# What each staff role may do. A role that is not listed may not.
MANAGE_STAFF = frozenset({Role.OWNER, Role.PARTNER})
MANAGE_CLIENTS = frozenset({Role.OWNER, Role.PARTNER, Role.ATTORNEY, Role.BILLING, Role.ASSISTANT})
MANAGE_BILLS = frozenset({Role.OWNER, Role.PARTNER, Role.BILLING})


def is_staff_with(user: Any, roles: frozenset[Role]) -> bool:
    """Whether the person is active staff in one of ``roles``."""
    return bool(
        getattr(user, "is_active", False)
        and getattr(user, "kind", "") == User.Kind.STAFF
        and user.role in roles
    )


def can_manage_staff(user: Any) -> bool:
    """Invite and change staff."""
    return is_staff_with(user, MANAGE_STAFF)


def can_invite_staff(user: Any, role: str) -> bool:
    """Invite somebody with ``role``, or withdraw that: owners are made by owners."""
    return can_manage_staff(user) and (role != Role.OWNER or user.role == Role.OWNER)


def can_change_colleague(user: Any, colleague: User, role: str = "") -> bool:
    """Change a colleague's access, or give them ``role``: owners are made and unmade by owners,
    and nobody does it to themselves."""
    if not can_manage_staff(user) or user.pk == colleague.pk:
        return False
    return bool(user.role == Role.OWNER or Role.OWNER not in (role, colleague.role))


def can_manage_clients(user: Any) -> bool:
    """Create clients and contacts."""
    return is_staff_with(user, MANAGE_CLIENTS)


def can_manage_client(user: Any, client: Client) -> bool:
    """Change one client, its contacts and invitations."""
    return (
        can_manage_clients(user) and Client.objects.visible_to(user).filter(pk=client.pk).exists()
    )


def can_view_as(user: Any, contact: Contact) -> bool:
    """See the portal as a contact of a client that is theirs to manage."""
    return can_manage_client(user, contact.client)


def can_manage_bills(user: Any) -> bool:
    """Create, import, send and void invoices."""
    return is_staff_with(user, MANAGE_BILLS)


def require(allowed: bool) -> None:
    """Raises ``NotAllowed`` unless ``allowed``."""
    if not allowed:
        raise NotAllowed
