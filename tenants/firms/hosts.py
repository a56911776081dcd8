"""From a host name to a surface and a firm, out of an in-process cache."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from infra.tenancy.database.fast.compiled_query import WORD, rows
from infra.tenancy.firm_context import FirmRef, in_public
from tenants.firms.models import Domain

MAX_ENTRIES = 10_000
UNKNOWN_SECONDS = 5
HOST = re.compile(
    r"^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a host leads to. ``firm`` is None only on the platform host."""

    host: str
    surface: str
    firm: FirmRef | None
    is_primary: bool = True


def normalised(raw: str) -> str:
    """Host without port, trailing dot or upper case, in ASCII; empty if it is no host name."""
    host = raw.strip().lower()
    host = re.sub(r":\d{1,5}$", "", host).removesuffix(".")
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return ""
    return host if HOST.match(host) else ""


# tenant-safe: the key is the host itself; values are immutable.
_cache: dict[str, tuple[float, Place | None]] = {}
_lock = threading.Lock()


def forget_hosts() -> None:
    """Drop what this process remembers (after a change of hosts or status)."""
    with _lock:
        _cache.clear()


# What a ``FirmRef`` holds, in its order; the two hosts follow.
FIRM = (
    "id",
    "schema_name",
    "slug",
    "name",
    "kind",
    "status",
    "key_version",
    "country",
    "language",
    "currency",
    "time_zone",
)


def _primary(*surfaces: str) -> Coalesce:
    hosts = Domain.objects.filter(tenant=OuterRef("tenant"), is_primary=True, surface__in=surfaces)
    return Coalesce(Subquery(hosts.order_by("surface").values("domain")[:1]), Value(""))


def _found() -> QuerySet[Any, Any]:
    known = Domain.objects.filter(domain=WORD, verified_at__isnull=False)
    return known.values_list(
        "surface",
        "is_primary",
        *(f"tenant__{name}" for name in FIRM),
        _primary(Domain.Surface.PORTAL),
        _primary(Domain.Surface.CONSOLE, Domain.Surface.OPERATOR),
    )


def _look_up(host: str) -> Place | None:
    with in_public():
        for surface, is_primary, *firm in rows("host", _found, {WORD: host}):
            return Place(host, surface, FirmRef(*firm), is_primary)
    return None


def place_of(raw_host: str) -> Place | None:
    """The place a host leads to, or None. Entries live ``HOST_CACHE_SECONDS`` at most."""
    host = normalised(raw_host)
    if not host:
        return None
    if host == settings.PLATFORM_DOMAIN:
        return Place(host, "platform", None)
    now = time.monotonic()
    known = _cache.get(host)
    if known is not None and known[0] > now:
        return known[1]
    place = _look_up(host)
    seconds = settings.HOST_CACHE_SECONDS if place else UNKNOWN_SECONDS
    with _lock:
        if len(_cache) >= MAX_ENTRIES:
            _cache.clear()
        _cache[host] = (now + seconds, place)
    return place


def address(host: str, path: str = "/") -> str:
    """A full address on ``host``, from settings and rows, never from a request's Host header."""
    port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""
    return f"{settings.PUBLIC_SCHEME}://{host}{port}{path}"
