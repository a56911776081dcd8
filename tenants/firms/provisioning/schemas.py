"""Schemas and their roles: creating, granting, comparing, dropping."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from psycopg import sql

from infra.tenancy.firm_context import owner_connection

# Its role has this name too, and roles are the whole server's: another installation there has another
# role for its public tables, and so another template.
TEMPLATE_SCHEMA = f"zz_template_{settings.DATABASE_PUBLIC_ROLE}"
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_schema_name() -> str:
    """An opaque name: never the firm's, never changed, harmless in logs."""
    return "t_" + "".join(secrets.choice(ALPHABET) for _ in range(12))


def run(statement: sql.Composable | str, params: Sequence[Any] | None = None) -> None:
    """One statement as the owner; call it inside ``as_owner``."""
    with owner_connection().cursor() as cursor:
        text: Any = statement
        if isinstance(statement, sql.Composable):
            text = statement.as_string(owner_connection().connection)
        cursor.execute(text, params)


def _role_exists(role: str) -> bool:
    with owner_connection().cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None


def _server_version() -> int:
    owner_connection().ensure_connection()
    return int(owner_connection().connection.info.server_version)


def ensure_role(role: str) -> None:
    """A role without login that the serving login may become, but does not inherit."""
    name = sql.Identifier(role)
    login = sql.Identifier(str(settings.DATABASES["default"]["USER"]))
    if not _role_exists(role):
        run(sql.SQL("CREATE ROLE {} NOLOGIN NOINHERIT").format(name))
    if _server_version() >= 160000:
        run(sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(name, login))
    else:
        run(sql.SQL("GRANT {} TO {}").format(name, login))


def create_schema(schema: str) -> None:
    """An empty schema that only its own role may use; tables made later are granted by default."""
    ensure_role(schema)
    name = sql.Identifier(schema)
    for statement in (
        "CREATE SCHEMA {0}",
        "GRANT USAGE ON SCHEMA {0} TO {0}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {0}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT USAGE, SELECT ON SEQUENCES TO {0}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    ):
        run(sql.SQL(statement).format(name))


def prepare_public() -> None:
    """The role of the platform's own schema; nobody else may use ``public`` any more."""
    role = settings.DATABASE_PUBLIC_ROLE
    ensure_role(role)
    name = sql.Identifier(role)
    for statement in (
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {0}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {0}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {0}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {0}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {0}",
    ):
        run(sql.SQL(statement).format(name))


def schema_exists(schema: str) -> bool:
    with owner_connection().cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone() is not None


def drop_schema(schema: str) -> None:
    """Remove a schema with all it holds, and its role unless another database still uses it."""
    name = sql.Identifier(schema)
    run(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))


FINGERPRINT = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
       coalesce(replace(pg_get_expr(d.adbin, d.adrelid), %(schema)s, ''), ''), a.attidentity
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT r.relname, n.conname, replace(pg_get_constraintdef(n.oid), %(schema)s, ''), '', '', ''
FROM pg_constraint n JOIN pg_class r ON r.oid = n.conrelid
WHERE n.connamespace = %(schema)s::regnamespace
UNION ALL
SELECT tablename, indexname, replace(indexdef, %(schema)s, ''), '', '', ''
FROM pg_indexes WHERE schemaname = %(schema)s
UNION ALL
SELECT r.relname, t.tgname, replace(pg_get_triggerdef(t.oid), %(schema)s, ''), '', '', ''
FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
WHERE r.relnamespace = %(schema)s::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT table_name, privilege_type, '', '', '', '' FROM information_schema.role_table_grants
WHERE table_schema = %(schema)s AND grantee = %(schema)s
ORDER BY 1, 2, 3, 4, 5, 6
"""


def fingerprint(schema: str) -> str:
    """SHA-256 over columns, constraints, indexes, triggers and grants; equal schemas are equal."""
    with owner_connection().cursor() as cursor:
        cursor.execute(FINGERPRINT, {"schema": schema})
        rows = cursor.fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()
