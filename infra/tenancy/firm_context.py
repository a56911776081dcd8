"""Which firm the running code works for, and the only ways to change that.

``in_firm`` switches the database connection (role and search path together) and the
context variable; ``in_public`` switches to the platform's own tables. Both restore what
was before, are safe in threads, and may be nested. Order matters: open the firm first,
the transaction inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db import connection

from infra.common.errors import Unavailable

PUBLIC_SCHEMA = "public"


class NoFirm(Unavailable):
    """Code that belongs to a firm ran outside of one: a defect, never a fallback to public."""

    message: ClassVar[str] = "No firm is active."


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


def active_firm() -> FirmRef | None:
    """The firm whose code runs now, or None on the platform."""
    return _current.get()


def current_firm() -> FirmRef:
    """The firm whose code runs now; raises ``NoFirm`` outside of one."""
    firm = _current.get()
    if firm is None:
        raise NoFirm
    return firm


def _switch(schema: str, *, owner: bool) -> None:
    cast(Any, connection).enter_schema(schema, owner=owner)


@contextmanager
def _switched(firm: FirmRef | None, schema: str, *, owner: bool) -> Iterator[None]:
    wrapper = cast(Any, connection)
    before = (wrapper.schema_name, wrapper.owner)
    token = _current.set(firm)
    _switch(schema, owner=owner)
    try:
        yield
    finally:
        _current.reset(token)
        _switch(before[0], owner=before[1])


@contextmanager
def in_firm(firm: FirmRef) -> Iterator[FirmRef]:
    """Run as ``firm``: its schema, its database role, its keys."""
    with _switched(firm, firm.schema, owner=False):
        yield firm


@contextmanager
def in_public() -> Iterator[None]:
    """Run on the platform's own tables, where no firm's data can be seen."""
    with _switched(None, PUBLIC_SCHEMA, owner=False):
        yield


@contextmanager
def as_owner(schema: str = PUBLIC_SCHEMA) -> Iterator[None]:
    """Run as the schemas' owner, for provisioning and upgrades only."""
    with _switched(None, schema, owner=True):
        yield
