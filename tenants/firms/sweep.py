"""Which firms have something to do: one statement over all schemas, for the sweepers only."""

from __future__ import annotations

from psycopg import sql

from infra.tenancy.firm_context import as_owner, owner_connection
from tenants.firms.models import Firm


def firms_where(condition: str) -> list[str]:
    """Ids of served firms whose schema fulfils ``condition``.

    ``condition`` is SQL of ours in which ``{firm}`` stands for the firm's schema.
    """
    firms = list(Firm.objects.served().values_list("id", "schema_name"))
    if not firms:
        return []
    parts = [
        sql.SQL("SELECT {id} WHERE " + condition).format(
            id=sql.Literal(str(firm_id)), firm=sql.Identifier(schema)
        )
        for firm_id, schema in firms
    ]
    with as_owner(), owner_connection().cursor() as cursor:
        statement = sql.SQL(" UNION ALL ").join(parts)
        cursor.execute(statement.as_string(owner_connection().connection))
        return [row[0] for row in cursor.fetchall()]
