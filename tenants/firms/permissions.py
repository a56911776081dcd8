"""The names of what somebody may do. Who has which stands in ``tenants.people.roles``."""

from enum import StrEnum


class Permission(StrEnum):
    """One name for each rule that a service requires and a page asks before it shows a button."""

    MANAGE_PORTAL = "manage_portal"  # brand, legal identity, settings, payment account, API keys
    MANAGE_STAFF = "manage_staff"  # invite colleagues, change their role and access
    MANAGE_OWNERS = "manage_owners"  # make somebody an owner, or change one
    MANAGE_CLIENTS = "manage_clients"  # clients, their contacts and invitations
    MANAGE_MATTERS = "manage_matters"
    VIEW_AS_CLIENT = "view_as_client"  # see the portal as a contact does, read-only
    MANAGE_BILLS = "manage_bills"  # draft, import, send, credit, void and write off invoices
    PAY_INVOICES = "pay_invoices"
    RUN_PLATFORM = "run_platform"  # the operator's console
