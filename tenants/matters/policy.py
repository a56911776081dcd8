"""Who may do what with matters."""

from __future__ import annotations

from typing import Any

from tenants.people.models import Client
from tenants.people.policy import can_manage_client

__all__ = ["can_manage_matters"]


def can_manage_matters(user: Any, client: Client) -> bool:
    """Open, change and close the matters of one client: those who may change the client."""
    return can_manage_client(user, client)
