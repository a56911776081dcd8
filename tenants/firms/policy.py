"""Who may act on firms as a whole."""

from __future__ import annotations

from typing import Any

from infra.common.errors import NotAllowed


def is_operator(user: Any) -> bool:
    """Whether the person runs the platform: an active operator, never a firm's own people."""
    return bool(getattr(user, "is_active", False) and getattr(user, "kind", "") == "operator")


def require_operator(user: Any) -> None:
    """Raises ``NotAllowed`` unless the person is an operator."""
    if not is_operator(user):
        raise NotAllowed
