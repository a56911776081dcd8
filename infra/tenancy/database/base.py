"""The database connection as a wall: a firm's role together with its search path.

django-tenants sets the search path alone, so that a wrong or missing schema falls
through to whatever comes next in the path. Here the path holds one schema only and the
connection acts under a role that may use nothing else: a wrong path is *permission
denied*, never somebody else's rows. Django finds this module by the name ``base``.
"""

from __future__ import annotations

import re
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql.base import Cursor, ServerBindingCursor
from django_tenants.postgresql_backend.base import DatabaseWrapper as SchemaWrapper
from django_tenants.postgresql_backend.base import FakeTenant
from psycopg.pq import TransactionStatus

# Stricter than the library's: nothing that could end a quotation or a comment, no placeholder.
NAME = re.compile(r"[A-Za-z0-9_-]{1,63}\Z")


def _checked(name: str) -> str:
    if not NAME.match(name):
        raise ValueError(f"not a schema name: {name!r}")
    return name


def _quoted(name: str) -> str:
    return f'"{_checked(name)}"'


class SingleStatementCursor(Cursor):  # type: ignore[misc]
    """Sends each text by the extended protocol, which refuses more than one statement in it.

    Django merges values into the text and psycopg sends that by the simple protocol, which runs
    whatever follows a semicolon. What an injected value adds stays inside one statement here, where
    neither ``SET ROLE`` nor ``RESET ROLE`` can stand (docs/decisions/0014-serving-login.md).
    """

    several_statements = False

    def _execute_send(
        self, query: Any, *, force_extended: bool = False, binary: bool | None = None
    ) -> None:
        extended = force_extended or not self.several_statements
        super()._execute_send(  # type: ignore[misc]
            query, force_extended=extended, binary=binary
        )


class PreparedCursor(ServerBindingCursor):  # type: ignore[misc]
    """Sends values apart from the statement, so that PostgreSQL may keep its plan.

    A plan holds for one search path and is made anew, at ten times the cost of using it, when
    the same statement comes with another. So each firm has statements of its own: the schema
    stands before the text, by which psycopg knows a statement again. That is for speed alone.
    Whose tables a plan reads, and whether the role may, PostgreSQL looks at on every use.
    """

    schema = ""
    several_statements = False

    def _execute_send(
        self, query: Any, *, force_extended: bool = False, binary: bool | None = None
    ) -> None:
        # Without values psycopg would choose the simple protocol: see SingleStatementCursor.
        extended = force_extended or not self.several_statements
        super()._execute_send(  # type: ignore[misc]
            query, force_extended=extended, binary=binary
        )

    def execute(self, query: Any, params: Any = None) -> Any:
        cursor: Any = super()
        if params is None:
            return cursor.execute(query, prepare=False)
        query = f"/* {self.schema} */ {query}"
        try:
            return cursor.execute(query, params)
        except psycopg.errors.FeatureNotSupported:
            # A column has another type than when the plan was kept: an upgrade went by.
            connection: psycopg.Connection[Any] = cursor.connection
            if connection.info.transaction_status != TransactionStatus.IDLE:
                raise
            return cursor.execute(query, params, prepare=False)


class DatabaseWrapper(SchemaWrapper):  # type: ignore[misc]
    """Sends ``SET ROLE`` and ``SET search_path`` as one message before the first statement."""

    owner = False
    _setting_search_path: bool
    search_path_set_schemas: list[str] | None

    def enter_schema(self, schema: str, *, owner: bool = False) -> None:
        """Work in ``schema`` from the next statement on: under its role, or as the owner.

        Only the owner's cursors send several statements in one text: migrations do.
        """
        self.owner = owner
        self.set_tenant(FakeTenant(schema_name=schema), include_public=False)

    def _role(self) -> str:
        if self.owner:
            return _quoted(str(settings.DATABASES["provisioning"]["USER"]))
        if self.schema_name == "public":
            return _quoted(settings.DATABASE_PUBLIC_ROLE)
        return _quoted(self.schema_name)

    def _entering(self) -> str:
        return f"SET ROLE {self._role()}; SET search_path = {_quoted(self.schema_name)}"

    def get_connection_params(self) -> Any:
        return {**super().get_connection_params(), "cursor_factory": SingleStatementCursor}

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        if isinstance(cursor, SingleStatementCursor):
            cursor.several_statements = self.owner
        return cursor

    def get_new_connection(self, conn_params: Any) -> Any:
        """A connection that answers: entering the schema is at once the pool's health check.

        A pooled connection may have died with its server. The pool's own check is a round
        trip before each request; the statement that comes first anyway says the same.
        """
        if not self.pool:
            return super().get_new_connection(conn_params)
        for _turn in range(self.pool.max_size):
            connection = super().get_new_connection(conn_params)
            try:
                psycopg.Cursor(connection).execute(self._entering())
            except psycopg.OperationalError:
                # Closed by now: the pool puts a new one in its place.
                self.pool.putconn(connection)
            except BaseException:
                self.pool.putconn(connection)
                raise
            else:
                self.search_path_set_schemas = [self.schema_name]
                return connection
        return super().get_new_connection(conn_params)

    def _configure_connection(self, connection: Any) -> bool:
        super()._configure_connection(connection)
        connection.prepared_max = settings.DATABASE_PLANS
        # One plan for all values from the first time on; else each is planned five times over
        # before PostgreSQL settles for that one, for each firm and connection.
        changes = {"plan_cache_mode": "force_generic_plan"}
        if self.alias == DEFAULT_DB_ALIAS:
            changes |= {name: f"{ms:d}" for name, ms in settings.DATABASE_TIMEOUTS.items()}
        statements = "; ".join(f"SET {name} = {value}" for name, value in changes.items())
        psycopg.Cursor(connection).execute(statements)
        return True

    def prepared(self) -> Any:
        """A cursor for statements that run on every request: PostgreSQL keeps their plans."""
        self.ensure_connection()
        with self.wrap_database_errors:
            raw = cast(Any, PreparedCursor)(self.connection)
            raw.schema = _checked(self.schema_name)
            cursor = self._prepare_cursor(raw)
        self._handle_search_path(cursor)
        return cursor

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path or self.search_path_set_schemas:
            return
        if self.connection.info.transaction_status == TransactionStatus.INERROR:
            # Only a rollback can succeed now; it forgets the path, and the next cursor sets it.
            return
        self._setting_search_path = True
        own = self.connection.cursor() if cursor is None else cursor
        # Below Django's wrapper, which counts and logs the statement.
        raw = getattr(own, "cursor", own)
        usual = getattr(raw, "several_statements", False)
        raw.several_statements = True
        try:
            own.execute(self._entering())
            self.search_path_set_schemas = [self.schema_name]
        finally:
            raw.several_statements = usual
            self._setting_search_path = False
            if cursor is None:
                own.close()
