"""One log line a request, one id that follows it everywhere, the origin that rooms may know."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from infra.common.primary_keys import new_key
from infra.common.request_context import Origin, current_origin, set_origin
from infra.observability.redaction import masked

logger = logging.getLogger("portico.request")
SAFE_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")


class RequestLogMiddleware:
    """Sets the origin of the request and writes its log line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        address = request.META.get("REMOTE_ADDR", "")
        # Of a trusted proxy only (infra/config/edge).
        given = request.META.get("portico.request_id", "")
        request_id = given if SAFE_ID.match(given) else str(new_key())
        set_origin(Origin(address, request.META.get("HTTP_USER_AGENT", "")[:300], "", request_id))
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            firm = getattr(request, "firm", None)
            logger.info(
                "request",
                extra={
                    "firm": str(firm.id) if firm is not None else "",
                    "method": request.method,
                    "path": masked(request.path),
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                },
            )
            return response
        finally:
            set_origin(Origin())


def set_surface(surface: str) -> None:
    """Note the surface once the host is known."""
    origin = current_origin()
    set_origin(Origin(origin.ip, origin.user_agent, surface, origin.request_id))
