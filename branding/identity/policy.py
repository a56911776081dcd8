"""Who may change how the firm looks and what it decided about its portal."""

from __future__ import annotations

from typing import Any

from infra.common.errors import NotAllowed

MANAGING_ROLES = frozenset({"owner", "partner"})


def can_manage_portal(user: Any) -> bool:
    """Brand, legal identity, portal settings, integrations: owners and partners."""
    return bool(
        getattr(user, "is_active", False)
        and getattr(user, "kind", "") == "staff"
        and user.role in MANAGING_ROLES
    )


def require_portal_manager(user: Any) -> None:
    """Raises ``NotAllowed`` unless the person may manage the portal."""
    if not can_manage_portal(user):
        raise NotAllowed
