"""What each role may do, in one place: every rule about roles is read from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.firms.permissions import Permission


class Kind(models.TextChoices):
    """What a person is to the firm. A role further divides staff; a contact's record, clients."""

    STAFF = "staff", _("Staff")
    CLIENT = "client", _("Client")
    OPERATOR = "operator", _("Operator")


class Role(models.TextChoices):
    """What a member of staff is."""

    OWNER = "owner", _("Owner")
    PARTNER = "partner", _("Partner")
    ATTORNEY = "attorney", _("Attorney")
    BILLING = "billing", _("Billing")
    ASSISTANT = "assistant", _("Assistant")


# Whose sign-in a surface is for.
KIND_OF_SURFACE: Mapping[str, Kind] = {
    "portal": Kind.CLIENT,
    "console": Kind.STAFF,
    "operator": Kind.OPERATOR,
}


@dataclass(frozen=True, slots=True)
class Rights:
    """Permissions, and whether they reach every client of the firm or the assigned ones."""

    permissions: frozenset[Permission]
    every_client: bool = True


_CLIENT_WORK = {Permission.MANAGE_CLIENTS, Permission.MANAGE_MATTERS, Permission.VIEW_AS_CLIENT}
_BILLING = {Permission.MANAGE_BILLS}
_RUNS_THE_FIRM = {Permission.MANAGE_PORTAL, Permission.MANAGE_STAFF}

RIGHTS: Mapping[str, Rights] = {
    # An owner does everything, and decides who else is an owner.
    Role.OWNER: Rights(
        frozenset(_CLIENT_WORK | _BILLING | _RUNS_THE_FIRM | {Permission.MANAGE_OWNERS})
    ),
    # A partner does everything but decide who owns the firm.
    Role.PARTNER: Rights(frozenset(_CLIENT_WORK | _BILLING | _RUNS_THE_FIRM)),
    # An attorney works for the clients they are assigned to, and sees no others.
    Role.ATTORNEY: Rights(frozenset(_CLIENT_WORK), every_client=False),
    # Billing looks after clients and their invoices.
    Role.BILLING: Rights(frozenset(_CLIENT_WORK | _BILLING)),
    # An assistant looks after clients and matters, not their invoices.
    Role.ASSISTANT: Rights(frozenset(_CLIENT_WORK)),
}
# An operator runs the platform and sees no firm's content.
OPERATOR_RIGHTS = Rights(frozenset({Permission.RUN_PLATFORM}))

# The roles that see only the clients they are assigned to; the others see every client.
ASSIGNED_ROLES = frozenset(role for role, rights in RIGHTS.items() if not rights.every_client)

# Who hears of money that came in.
TOLD_OF_PAYMENTS = (Role.OWNER, Role.BILLING)


def rights_of(kind: str, role: str) -> Rights:
    """What a person of this kind and role may do. A contact's own record says what they may."""
    if kind == Kind.STAFF:
        return RIGHTS[role]
    return OPERATOR_RIGHTS if kind == Kind.OPERATOR else Rights(frozenset(), every_client=False)


def roles_offered_by(role: str) -> list[tuple[str, Any]]:
    """The roles (value and label) that somebody of ``role`` can give a colleague."""
    may_make_owners = role in RIGHTS and Permission.MANAGE_OWNERS in RIGHTS[role].permissions
    return [choice for choice in Role.choices if choice[0] != Role.OWNER or may_make_owners]
