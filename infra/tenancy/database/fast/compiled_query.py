"""Questions whose SQL is compiled once: the hot reads, written as querysets like all others.

Composing and compiling a queryset costs more than running it. A *shape* is a queryset made
with stand-ins instead of the values that differ from one request to the next; its SQL is
kept and run with the true values, as parameters. Everything else that the SQL depends on
is part of the key. A statement that holds a moment is refused: it would grow old.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import QuerySet, Subquery, TextField

from infra.common.actor import Reader

# Stand-ins: no row has these keys or this word, so one that was not replaced finds nothing.
PERSON, SUBJECT, WORD = uuid4(), uuid4(), uuid4().hex
SECONDS, MOST = 60, 500


@dataclass(frozen=True, slots=True)
class ReaderStandIn:
    """All that a shape may know of a person; asking for more is an error, not a wrong answer."""

    kind: str
    role: str
    is_active: bool
    # Where staff look as somebody: whom they look as. Their few shapes hold these ids.
    seen_contact_ids: frozenset[UUID] | None = None
    pk: UUID = PERSON


def reader_like(person: Reader) -> ReaderStandIn | None:
    """The stand-in for everybody of the person's kind and role; None for who is nobody here."""
    if not getattr(person, "is_active", False) or not isinstance(getattr(person, "pk", None), UUID):
        return None
    seen = getattr(person, "seen_contact_ids", None)
    return ReaderStandIn(str(person.kind), str(person.role), True, seen)


class RowsAsJson(Subquery):
    """The rows of a subquery as one JSON text: many rows without another statement."""

    template = "(SELECT json_agg(_row)::text FROM (%(subquery)s) _row)"
    output_field = TextField()


@dataclass(frozen=True, slots=True)
class _Shape:
    sql: str
    params: tuple[Any, ...]
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...]


# tenant-safe: SQL text without schema, rows or anybody's values; the connection's path and
# role decide whose tables it reads. Entries are compiled anew after a minute.
_shapes: dict[Hashable, tuple[float, _Shape]] = {}


def _compiled(queryset: QuerySet[Any, Any]) -> _Shape:
    compiler = cast(Any, queryset.query).get_compiler("default")
    sql, params = compiler.as_sql()
    if any(isinstance(param, datetime) for param in params):
        raise TypeError("a statement that holds a moment cannot be kept")
    converters = compiler.get_converters([column[0] for column in compiler.select])
    return _Shape(
        sql,
        tuple(param.value if isinstance(param, Enum) else param for param in params),
        tuple((at, tuple(found), expression) for at, (found, expression) in converters.items()),
    )


def rows(
    key: Hashable, build: Callable[[], QuerySet[Any, Any]], values: Mapping[Any, Any]
) -> list[tuple[Any, ...]]:
    """The rows of the queryset that ``build`` makes (``values_list``), compiled once per ``key``.

    ``values`` gives the true value of each stand-in (``PERSON``, ``SUBJECT``, ``WORD``).
    """
    now = time.monotonic()
    known = _shapes.get(key)
    if known is None or known[0] < now:
        if len(_shapes) >= MOST:
            _shapes.clear()
        known = _shapes[key] = (now + SECONDS, _compiled(build()))
    shape = known[1]
    with cast(Any, connection).prepared() as cursor:
        cursor.execute(shape.sql, [values.get(p, p) for p in shape.params])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return _converted(found, shape) if shape.converters else found


def _converted(found: list[tuple[Any, ...]], shape: _Shape) -> list[tuple[Any, ...]]:
    lists = [list(row) for row in found]
    for at, converters, expression in shape.converters:
        for row in lists:
            for convert in converters:
                row[at] = convert(row[at], expression, connection)
    return [tuple(row) for row in lists]
