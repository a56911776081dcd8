"""Who may do what to a colleague; services require it, buttons ask it."""

from __future__ import annotations

from infra.common.actor import Actor
from tenants.firms.permissions import Permission
from tenants.people.models import User
from tenants.people.roles import Role


def can_invite_staff(actor: Actor, role: str) -> bool:
    """Invite somebody with ``role``, or revoke that: owners are made by owners."""
    return actor.may(Permission.MANAGE_STAFF) and (
        role != Role.OWNER or actor.may(Permission.MANAGE_OWNERS)
    )


def can_change_colleague(actor: Actor, colleague: User, role: str = "") -> bool:
    """Change a colleague's access, or give them ``role``: owners are made and unmade by owners,
    and nobody does it to themselves."""
    if not actor.may(Permission.MANAGE_STAFF) or actor.pk == colleague.pk:
        return False
    return actor.may(Permission.MANAGE_OWNERS) or Role.OWNER not in (role, colleague.role)
