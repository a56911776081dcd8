"""People of one firm: users, clients and their contacts, invitations, sessions, tokens, factors."""

from tenants.people.models.access import (
    ApiToken,
    Authenticator,
    Invitation,
    InvitationLink,
    RecoveryCode,
    Session,
    ViewingTicket,
)
from tenants.people.models.client import Client, ClientAssignment, Contact
from tenants.people.models.user import User

__all__ = [
    "ApiToken",
    "Authenticator",
    "Client",
    "ClientAssignment",
    "Contact",
    "Invitation",
    "InvitationLink",
    "RecoveryCode",
    "Session",
    "User",
    "ViewingTicket",
]
