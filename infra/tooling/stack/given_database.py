"""A guard before a DATABASE_URL of the caller's: `up` migrates it and fills it with demo firms."""

from collections.abc import Mapping
from pathlib import Path
from typing import LiteralString

from infra.tooling.stack import logins
from infra.tooling.stack.processes import Failed

_MARK = "portico demo"
_TABLES: LiteralString = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
"""
_COMMENT: LiteralString = """
    SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()
"""


def prepare(
    environ: Mapping[str, str], state: Path, secrets: Mapping[str, str], *, agreed: bool
) -> dict[str, str]:
    """The two logins of a given database: those given, or made as the administrator given.

    Raises Failed, also where ``claim`` refuses.
    """
    url = environ["DATABASE_URL"]
    owner_url = environ.get("PROVISIONING_DATABASE_URL")
    claim(owner_url or url, agreed=agreed)
    if owner_url:
        return {"DATABASE_URL": url, "PROVISIONING_DATABASE_URL": owner_url}
    return logins.prepare(url, logins.names(str(state)), secrets)


def claim(url: str, *, agreed: bool) -> None:
    """Let an empty database pass and mark it; pass a marked one; refuse any other unless agreed."""
    import psycopg  # only here: nothing else of this package needs more than Python itself
    from psycopg import sql

    try:
        with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
            (comment,) = connection.execute(_COMMENT).fetchone() or (None,)
            (tables,) = connection.execute(_TABLES).fetchone() or (0,)
            if comment == _MARK:
                return
            if tables and not agreed:
                raise Failed(
                    "The database of DATABASE_URL is not empty. infra/up would migrate it and fill "
                    "it with demo firms. If that is what you want:\n"
                    "  ./infra/up --yes"
                )
            name = connection.info.dbname
            mark = sql.SQL("COMMENT ON DATABASE {} IS {}")
            identifier, text = sql.Identifier(name), sql.Literal(_MARK)
            connection.execute(mark.format(identifier, text))
    except psycopg.errors.InsufficientPrivilege:
        return  # not the owner: it stays unmarked and will be asked about again
    except psycopg.Error as error:
        raise Failed(f"DATABASE_URL cannot be used: {error}") from error
