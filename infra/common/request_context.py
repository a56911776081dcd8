"""Where a request came from, as plain values that rooms may know.

The visitor's address and the scheme are decided once, by the HTTP edge
(``infra/config/edge/peers.py``), and written to ``REMOTE_ADDR`` and ``wsgi.url_scheme``;
everything else reads them from there.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Origin:
    """Address, browser and surface of the request being served; empty outside of one."""

    ip: str = ""
    user_agent: str = ""
    surface: str = ""
    request_id: str = ""

    def as_request(self) -> HttpRequest:
        """A bare request with this origin, for libraries that insist on one (axes)."""
        request = HttpRequest()
        request.method = "POST"
        request.META["REMOTE_ADDR"] = self.ip
        request.META["HTTP_USER_AGENT"] = self.user_agent
        return request


_origin: ContextVar[Origin] = ContextVar("portico_origin", default=Origin())  # noqa: B039  frozen


def current_origin() -> Origin:
    """The origin of the request being served, or an empty one in tasks and commands."""
    return _origin.get()


def set_origin(origin: Origin) -> None:
    """Remember the origin for the code that runs from here on (middleware and task base only)."""
    _origin.set(origin)


def ip_of(request: HttpRequest) -> str:
    """The address axes counts by."""
    return str(request.META.get("REMOTE_ADDR", ""))
