"""Which firm the running code works for, and the only ways to change that.

``in_firm`` switches the database connection (role and search path together) and the
context variable; ``in_public`` switches to the platform's own tables. Both restore what
was before, are safe in threads, and may be nested. Order matters: open the firm first,
the transaction inside it.

``as_owner`` is for provisioning: it works on a connection of its own with a second login, which
processes that serve requests do not have (docs/decisions/0014-serving-login.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django_tenants.routers import TenantSyncRouter

from infra.common.errors import Unavailable

PUBLIC_SCHEMA = "public"


class NoFirm(Unavailable):
    """Code that belongs to a firm ran outside of one: a defect, never a fallback to public."""

    message: ClassVar[str] = "No firm is active."


class NoProvisioningLogin(Unavailable):
    """The owner's work was asked of a process that has no ``PROVISIONING_DATABASE_URL``."""

    message: ClassVar[str] = "PROVISIONING_DATABASE_URL is not set for this process."


@dataclass(frozen=True, slots=True)
class FirmRef:
    """What code needs to know of a firm on every request; immutable, shared between threads."""

    id: UUID
    schema: str
    slug: str
    name: str
    kind: str
    status: str
    key_version: int
    country: str
    language: str
    currency: str
    timezone: str
    portal_host: str
    console_host: str


_current: ContextVar[FirmRef | None] = ContextVar("portico_firm", default=None)
_is_owner: ContextVar[bool] = ContextVar("portico_owner", default=False)


def active_firm() -> FirmRef | None:
    """The firm whose code runs now, or None on the platform."""
    return _current.get()


def current_firm() -> FirmRef:
    """The firm whose code runs now; raises ``NoFirm`` outside of one."""
    firm = _current.get()
    if firm is None:
        raise NoFirm
    return firm


def owner_alias() -> str:
    """The alias of the owner's connection; raises ``NoProvisioningLogin`` where there is none."""
    alias: str = settings.PROVISIONING_ALIAS
    if alias not in connections.settings:
        raise NoProvisioningLogin
    return alias


def owner_connection() -> Any:
    """The connection that ``as_owner`` works on."""
    return connections[owner_alias()]


@contextmanager
def _switched(
    wrapper: Any, schema: str, *, firm: FirmRef | None = None, owner: bool = False
) -> Iterator[None]:
    before = (wrapper.schema_name, wrapper.owner)
    current, is_owner = _current.set(firm), _is_owner.set(owner)
    wrapper.enter_schema(schema, owner=owner)
    try:
        yield
    finally:
        _is_owner.reset(is_owner)
        _current.reset(current)
        wrapper.enter_schema(before[0], owner=before[1])


@contextmanager
def in_firm(firm: FirmRef) -> Iterator[FirmRef]:
    """Run as ``firm``: its schema, its database role, its keys."""
    with _switched(connection, firm.schema, firm=firm):
        yield firm


@contextmanager
def in_public() -> Iterator[None]:
    """Run on the platform's own tables, where no firm's data can be seen."""
    with _switched(connection, PUBLIC_SCHEMA):
        yield


@contextmanager
def as_owner(schema: str = PUBLIC_SCHEMA) -> Iterator[None]:
    """Run as the schemas' owner, for provisioning and upgrades only.

    Models are read and written there too; cursors and transactions are those of
    ``owner_connection``, so that nothing inside sees what an open transaction outside has written.
    Raises ``NoProvisioningLogin``.
    """
    with _switched(owner_connection(), schema, owner=True):
        yield


class OwnerRouter(TenantSyncRouter):  # type: ignore[misc]
    """Sends models to the owner's connection inside ``as_owner``, and to the usual one outside."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return owner_alias() if _is_owner.get() else DEFAULT_DB_ALIAS

    db_for_write = db_for_read

    def allow_relation(self, *rows: Any, **hints: Any) -> bool:
        """Both connections lead to the same database."""
        return True

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        """Shared apps in ``public``, the others in firms; the library knows one alias only."""
        in_shared = cast(Any, connections[db]).schema_name == PUBLIC_SCHEMA
        apps = settings.SHARED_APPS if in_shared else settings.TENANT_APPS
        return None if self.app_in_list(app_label, apps) else False
