"""Count an action before it is carried out, and refuse it where a limit is reached.

Counters are rows, so limits hold over all processes and while the cache is away. Counting first
keeps actions at the same moment within the limit. A caller gives back what did not count after all.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from infra.common.errors import NotAllowed
from infra.tenancy.firm_context import active_firm, in_public
from infra.tenancy.signing import derived_key
from infra.throttling.models import Counter

# Rows are locked in the order of their keys, so that two callers never wait for each other.
_TAKE = """
INSERT INTO throttle_counter AS c (key, used, ends_at)
SELECT k, 1, e FROM unnest(%(keys)s::varchar[], %(ends)s::timestamptz[]) AS given (k, e) ORDER BY k
ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN c.ends_at <= %(now)s THEN 1 ELSE c.used + 1 END,
    ends_at = CASE WHEN c.ends_at <= %(now)s THEN EXCLUDED.ends_at ELSE c.ends_at END
RETURNING key, used, ends_at
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` times in ``window``, which begins with the first time."""

    name: str
    most: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody's or something's use of a limit; an empty subject is not counted."""

    limit: Limit
    subject: str


class Throttled(NotAllowed):
    """A limit is reached; ``limit`` says which, ``retry_after`` when it ends (seconds)."""

    message: ClassVar[str | Promise] = _("Too many attempts. Please try again later.")

    def __init__(self, limit: Limit, retry_after: int) -> None:
        super().__init__()
        self.limit = limit
        self.retry_after = retry_after

    @property
    def minutes(self) -> int:
        """The wait in whole minutes, rounded up."""
        return max(1, ceil((self.retry_after or 0) / 60))


@cache
def _secret(secret_key: str) -> bytes:
    return derived_key(secret_key.encode(), "portico/throttling")


def _key(use: Use) -> str:
    firm = active_firm()
    text = f"{firm.id if firm else 'platform'}/{use.limit.name}/{use.subject}"
    return hmac.new(_secret(settings.SECRET_KEY), text.encode(), hashlib.sha256).hexdigest()


def take(*uses: Use) -> list[Limit]:
    """Count one use of each limit; returns the limits that are full by it.

    Counts for the current firm, or for the platform outside of one. Raises ``Throttled`` for the
    limit with the longest wait where any is reached; then none is counted.
    """
    by_key = {_key(use): use.limit for use in uses if use.subject}
    if not by_key:
        return []
    now = timezone.now()
    values: Any = {
        "keys": list(by_key),
        "ends": [now + limit.window for limit in by_key.values()],
        "now": now,
    }
    with in_public(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, values)
            rows: list[tuple[str, int, datetime]] = cursor.fetchall()
        over = [(ends_at, by_key[key]) for key, used, ends_at in rows if used > by_key[key].most]
        if over:
            ends_at, limit = max(over, key=lambda pair: pair[0])
            raise Throttled(limit, ceil((ends_at - now).total_seconds()))
    return [by_key[key] for key, used, _ends_at in rows if used == by_key[key].most]


def give_back(*uses: Use) -> None:
    """Undo one ``take``: what was counted turned out not to count."""
    keys = _keys(uses)
    with in_public(), transaction.atomic():
        for counter in _locked(keys):
            counter.used = max(0, counter.used - 1)
            counter.save(update_fields=["used"])


def forget(*uses: Use) -> None:
    """Begin these limits anew."""
    keys = _keys(uses)
    with in_public(), transaction.atomic():
        for counter in _locked(keys):
            counter.delete()


def _keys(uses: Iterable[Use]) -> list[str]:
    # Before the switch to the public schema, which leaves the firm.
    return [_key(use) for use in uses if use.subject]


def _locked(keys: list[str]) -> list[Counter]:
    return list(Counter.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def clear_counters() -> int:
    """Delete the counters whose window has ended; returns how many."""
    with in_public():
        deleted, _rows = Counter.objects.filter(ends_at__lte=timezone.now()).delete()
    return deleted
