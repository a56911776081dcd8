"""The peer: the same rows as JSON by psycopg and orjson, without framework, sign-in or walls."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import orjson
from psycopg_pool import ConnectionPool

SCHEMA, CLIENT, INVOICE = (os.environ[f"BENCH_{name}"] for name in ("SCHEMA", "CLIENT", "INVOICE"))
pool = ConnectionPool(os.environ["PROVISIONING_DATABASE_URL"], min_size=2, max_size=4, open=True)

LIST = f"""
SELECT i.id, i.number, i.status, i.subject, c.id, c.name, i.issue_date, i.due_date, i.currency,
       i.total, i.paid_total, i.balance, count(*) OVER ()
FROM "{SCHEMA}".invoice i JOIN "{SCHEMA}".client c ON c.id = i.client_id
WHERE i.client_id = %s AND i.status IN ('open', 'partially_paid') AND i.balance > 0
  AND i.due_date < current_date
ORDER BY i.due_date LIMIT 25
"""  # noqa: S608  the schema's name is ours
ONE = f"""
SELECT i.id, i.number, i.status, i.total, i.balance, i.currency, c.name,
       (SELECT json_agg(json_build_array(l.position, l.description, l.amount) ORDER BY l.position)
        FROM "{SCHEMA}".invoice_line l WHERE l.invoice_id = i.id)
FROM "{SCHEMA}".invoice i JOIN "{SCHEMA}".client c ON c.id = i.client_id WHERE i.id = %s
"""  # noqa: S608


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI: ``/one`` answers one invoice with its lines, everything else the list."""
    sql, key = (ONE, INVOICE) if environ["PATH_INFO"] == "/one" else (LIST, CLIENT)
    with pool.connection() as connection:
        rows = connection.execute(sql, [key]).fetchall()
    body = orjson.dumps(rows, default=_plain)
    start("200 OK", [("Content-Type", "application/json")])
    return [body]
