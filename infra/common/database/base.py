"""The database connection as a wall: a firm's role together with its search path.

django-tenants sets the search path alone, so that a wrong or missing schema falls
through to whatever comes next in the path. Here the path holds one schema only and the
connection acts under a role that may use nothing else: a wrong path is *permission
denied*, never somebody else's rows. Django finds this module by the name ``base``.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django_tenants.postgresql_backend.base import DatabaseWrapper as SchemaWrapper
from django_tenants.postgresql_backend.base import FakeTenant, is_valid_schema_name
from psycopg.pq import TransactionStatus


def _quoted(name: str) -> str:
    if not is_valid_schema_name(name):
        raise ValueError(f"not a schema name: {name!r}")
    return f'"{name}"'


class DatabaseWrapper(SchemaWrapper):  # type: ignore[misc]
    """Sends ``SET ROLE`` and ``SET search_path`` as one message before the first statement."""

    owner = False
    _setting_search_path: bool
    search_path_set_schemas: list[str] | None

    def enter_schema(self, schema: str, *, owner: bool = False) -> None:
        """Work in ``schema`` from the next statement on: under its role, or as the owner."""
        self.owner = owner
        self.set_tenant(FakeTenant(schema_name=schema), include_public=False)

    def _role(self) -> str:
        if self.owner:
            return "NONE"
        if self.schema_name == "public":
            return _quoted(settings.DATABASE_PUBLIC_ROLE)
        return _quoted(self.schema_name)

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path or self.search_path_set_schemas:
            return
        if self.connection.info.transaction_status == TransactionStatus.INERROR:
            # Only a rollback can succeed now; it forgets the path, and the next cursor sets it.
            return
        self._setting_search_path = True
        own = self.connection.cursor() if cursor is None else cursor
        try:
            own.execute(f"SET ROLE {self._role()}; SET search_path = {_quoted(self.schema_name)}")
            self.search_path_set_schemas = [self.schema_name]
        finally:
            self._setting_search_path = False
            if cursor is None:
                own.close()
