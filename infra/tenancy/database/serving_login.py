"""What the login that serves requests could do beyond its work: nothing, or it is named here."""

from __future__ import annotations

from typing import Any

# Before 16 a role with CREATEROLE may join pg_execute_server_program and run programs as the server.
LEAST_VERSION = 16
_ATTRIBUTES = {
    "rolsuper": "is a superuser",
    "rolcreaterole": "has CREATEROLE",
    "rolcreatedb": "has CREATEDB",
    "rolreplication": "has REPLICATION",
    "rolbypassrls": "has BYPASSRLS",
}
_RIGHTS = """
WITH owned AS (
    SELECT refobjid AS role FROM pg_shdepend
    WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o'
      AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
)
SELECT me.rolname, me.rolsuper, me.rolcreaterole, me.rolcreatedb, me.rolreplication, me.rolbypassrls,
    EXISTS (SELECT FROM owned WHERE role = me.oid) AS owns,
    has_database_privilege(me.oid, current_database(), 'TEMPORARY') AS temporary,
    has_database_privilege(me.oid, current_database(), 'CREATE') AS creates,
    has_function_privilege(me.oid, 'pg_catalog.set_config(text, text, boolean)', 'EXECUTE') AS sets,
    ARRAY(
        SELECT other.rolname::text FROM pg_roles other
        -- Who may become the database's owner is named by that owner's own name.
        WHERE other.oid <> me.oid AND other.rolname <> 'pg_database_owner' AND NOT me.rolsuper AND pg_has_role(me.oid, other.oid, 'MEMBER')
          AND (other.rolsuper OR other.rolcreaterole OR other.rolname ~ '^pg_'
               OR other.oid IN (SELECT role FROM owned))
        ORDER BY 1
    ) AS becomes
FROM pg_roles me WHERE me.rolname = session_user
"""


def excess_rights(connection: Any) -> list[str]:
    """What is wrong with the login of ``connection``, a sentence each; empty if nothing is."""
    row = _rights(connection)
    name = row["rolname"]
    faults = [f"{name} {what}." for right, what in _ATTRIBUTES.items() if row[right]]
    if row["owns"]:
        faults.append(f"{name} owns a schema, table or function, or the database itself.")
    if row["temporary"] or row["creates"]:
        faults.append(f"{name} may make temporary tables or schemas in the database.")
    faults += [f"{name} may become {other}." for other in row["becomes"]]
    return faults


def can_set_config(connection: Any) -> bool:
    """Whether a statement could change the role by an expression in it."""
    return bool(_rights(connection)["sets"])


def is_too_old(connection: Any) -> bool:
    """Whether the server is older than ``LEAST_VERSION``."""
    connection.ensure_connection()
    return bool(connection.connection.info.server_version < LEAST_VERSION * 10_000)


def _rights(connection: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS)
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))
