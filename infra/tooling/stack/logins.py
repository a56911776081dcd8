"""The two logins of a database: one serves requests and tasks, the other provisions.

An administrator of the database makes them once. In production a person does, with the statements of
docs/guides/operator.md; here it is done for the demo and the tests.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import quote, urlsplit

from infra.tooling.stack.processes import Failed

if TYPE_CHECKING:
    import psycopg

# For whoever administers a database; {serving} owns nothing and makes nothing.
STATEMENTS: tuple[LiteralString, ...] = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {serving}, {provisioning}",
    "GRANT CREATE ON DATABASE {database} TO {provisioning}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE, CREATE ON SCHEMA public TO {provisioning} WITH GRANT OPTION",
)
# Without set_config no expression inside a statement can change the role; pg_dump needs it.
SUPERUSER_STATEMENTS: tuple[LiteralString, ...] = (
    "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO {provisioning}",
)


@dataclass(frozen=True)
class Logins:
    """Names of the logins and of the role of the platform's tables; a server has each once."""

    serving: str
    provisioning: str
    public_role: str


def names(mark: str = "") -> Logins:
    """The usual names; with a mark where several installations may share a server."""
    tail = f"_{hashlib.sha256(mark.encode()).hexdigest()[:8]}" if mark else ""
    return Logins(f"portico_app{tail}", f"portico_owner{tail}", f"portico_public{tail}")


def prepare(
    admin_url: str, logins: Logins, secrets: Mapping[str, str], *, for_tests: bool = False
) -> dict[str, str]:
    """Make the two logins as the administrator of ``admin_url``, and say how to use them.

    Tests clone databases, and work as the owner inside their own transaction: only there the
    serving login may become the owner. Raises Failed.
    """
    import psycopg  # only here: the stack needs no more than Python itself until this point

    try:
        with psycopg.connect(admin_url, connect_timeout=10, autocommit=True) as connection:
            _make_logins(connection, logins, secrets, for_tests=for_tests)
            limit(connection, logins)
    except psycopg.errors.InsufficientPrivilege as error:
        raise Failed(
            f"The login of DATABASE_URL cannot make Portico's two logins: {error}\n"
            "Give a superuser, or an owner of the database with CREATEROLE. Or make the logins "
            "yourself (docs/guides/operator.md) and set PROVISIONING_DATABASE_URL too."
        ) from error
    except psycopg.Error as error:
        raise Failed(f"DATABASE_URL cannot be used: {error}") from error
    return {
        "DATABASE_URL": _signed_in(admin_url, logins.serving, secrets["postgres"]),
        "PROVISIONING_DATABASE_URL": _signed_in(
            admin_url, logins.provisioning, secrets["postgres_provisioning"]
        ),
        "DATABASE_PUBLIC_ROLE": logins.public_role,
    }


def _make_logins(
    connection: psycopg.Connection[Any],
    logins: Logins,
    secrets: Mapping[str, str],
    *,
    for_tests: bool,
) -> None:
    from psycopg import sql

    known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    if connection.info.user in (logins.serving, logins.provisioning):
        raise Failed(
            f"DATABASE_URL names {connection.info.user}, but not PROVISIONING_DATABASE_URL. "
            "Set both, or give an administrator's login in DATABASE_URL."
        )
    rights: LiteralString = "LOGIN CREATEROLE CREATEDB" if for_tests else "LOGIN CREATEROLE"
    wanted: dict[str, tuple[LiteralString, str]] = {
        logins.serving: ("LOGIN NOINHERIT", secrets["postgres"]),
        logins.provisioning: (rights, secrets["postgres_provisioning"]),
    }
    for name, (attributes, password) in wanted.items():
        statement: LiteralString = "ALTER ROLE {} PASSWORD {}"
        if name not in known:
            statement = "CREATE ROLE {} " + attributes + " PASSWORD {}"
        connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(password)))
    if for_tests:
        member: LiteralString = "GRANT {} TO {}"
        if connection.info.server_version >= 160000:
            member += " WITH INHERIT FALSE, SET TRUE"
        pair = (sql.Identifier(logins.provisioning), sql.Identifier(logins.serving))
        connection.execute(sql.SQL(member).format(*pair))


def limit(connection: psycopg.Connection[Any], logins: Logins) -> None:
    """Take from everybody else what the present database gives to all; as its administrator."""
    from psycopg import sql

    statements = STATEMENTS
    if connection.info.parameter_status("is_superuser") == "on":
        statements += SUPERUSER_STATEMENTS
    for statement in statements:
        connection.execute(
            sql.SQL(statement).format(
                database=sql.Identifier(connection.info.dbname),
                serving=sql.Identifier(logins.serving),
                provisioning=sql.Identifier(logins.provisioning),
            )
        )


def remove(admin_url: str, logins: Logins) -> None:
    """Take the logins of a run of tests from a given server; roles that are still used stay."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(admin_url, connect_timeout=10, autocommit=True) as connection:
        for name in (logins.public_role, logins.serving, logins.provisioning):
            for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
                with contextlib.suppress(psycopg.Error):
                    connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _signed_in(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(
        netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{host}"
    ).geturl()
