"""Where a request came from, as plain values that rooms may know.

The visitor's address and the scheme are decided once, by the HTTP edge
(``infra/config/edge/peers.py``), and written to ``REMOTE_ADDR`` and ``wsgi.url_scheme``;
everything else reads them from there.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address


@dataclass(frozen=True, slots=True)
class Origin:
    """Address, browser and surface of the request being served; empty outside of one."""

    ip: str = ""
    user_agent: str = ""
    surface: str = ""
    request_id: str = ""

    @property
    def network(self) -> str:
        """What attempts are counted by, see ``network_of``; empty outside of a request."""
        return network_of(self.ip)


_origin: ContextVar[Origin] = ContextVar("portico_origin", default=Origin())  # noqa: B039  frozen


def current_origin() -> Origin:
    """The origin of the request being served, or an empty one in tasks and commands."""
    return _origin.get()


def set_origin(origin: Origin) -> None:
    """Remember the origin for the code that runs from here on (middleware and task base only)."""
    _origin.set(origin)


def network_of(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 address its /64, which one subscriber has for himself.

    Other text is returned unchanged.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(IPv6Network((ip, 64), strict=False))
    return str(ip)
