"""People of one firm: users, clients and the contacts who act for them."""

from tenants.people.models.client import Client, ClientAssignment, Contact
from tenants.people.models.user import User

__all__ = ["Client", "ClientAssignment", "Contact", "User"]
