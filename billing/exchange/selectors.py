"""Read imports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from billing.exchange.models import ImportRun
from infra.common.actor import Actor
from infra.common.errors import NotFound
from tenants.firms.permissions import Permission


class ImportUnknown(NotFound):
    """There is no such import, or it is not theirs to know of."""


def find_imports(user: Actor) -> Any:
    """Imports, newest first, for those who manage bills."""
    found = ImportRun.objects.select_related("created_by").order_by("-created_at", "-id")
    return found if user.may(Permission.MANAGE_BILLS) else found.none()


def has_imported() -> bool:
    """Whether the firm has brought in bills of another system."""
    return bool(ImportRun.objects.filter(state=ImportRun.State.IMPORTED).exists())


def get_import(user: Actor, run_id: UUID) -> ImportRun:
    """One import. Raises ``ImportUnknown``."""
    found: ImportRun | None = find_imports(user).filter(pk=run_id).first()
    if found is None:
        raise ImportUnknown
    return found
