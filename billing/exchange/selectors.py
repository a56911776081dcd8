"""Read imports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from billing.exchange.models import ImportRun
from infra.common.errors import NotFound
from tenants.people.policy import can_manage_bills


class ImportUnknown(NotFound):
    """There is no such import, or it is not theirs to know of."""


def find_imports(user: Any) -> Any:
    """Imports, newest first, for those who manage bills."""
    found = ImportRun.objects.select_related("created_by").order_by("-created_at", "-id")
    return found if can_manage_bills(user) else found.none()


def get_import(user: Any, run_id: UUID) -> ImportRun:
    """One import. Raises ``ImportUnknown``."""
    found: ImportRun | None = find_imports(user).filter(pk=run_id).first()
    if found is None:
        raise ImportUnknown
    return found
