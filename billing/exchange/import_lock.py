"""One import of a firm at a time, whoever does the work: a request or a worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.utils.translation import gettext_lazy as _

from infra.common.errors import Conflict
from infra.tenancy.firm_context import current_firm


class ImportBusy(Conflict):
    """Another import of the firm is being read or written."""

    message = _("Another import of your firm is being worked on. Try again when it is done.")


def _key() -> int:
    digest = hashlib.sha256(f"import {current_firm().id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextmanager
def import_lock() -> Iterator[None]:
    """Hold the firm's import lock; it is tried, not waited for. Raises ``ImportBusy``.

    An advisory lock of the session, because reading a file has no transaction: PostgreSQL frees
    it when the connection of a worker that died is closed. May be nested on one connection.
    """
    key = _key()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (held,) = cursor.fetchone()
    if not held:
        raise ImportBusy
    try:
        yield
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
        except DatabaseError:
            # A connection that cannot say so must not go back to the pool with the lock.
            connection.close()
