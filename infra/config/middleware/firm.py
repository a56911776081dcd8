"""The host decides the firm and the surface; an unknown host gets a constant answer."""

from __future__ import annotations

from collections.abc import Callable

import sentry_sdk
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from infra.config.middleware.request_log import set_surface
from infra.tenancy.firm_context import in_firm, in_public
from tenants.firms.hosts import address, place_of
from tenants.firms.models import Firm

URLCONFS = {
    "platform": "infra.config.urls_platform",
    "operator": "infra.config.urls_operator",
    "console": "infra.config.urls_console",
    "portal": "infra.config.urls_portal",
}
UNKNOWN = b"Nothing is served at this address.\n"


class FirmMiddleware:
    """Enters the firm of the host for the request, and always leaves it again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        place = place_of(request.META.get("HTTP_HOST", ""))
        # PostgreSQL holds no NUL: an address with one is nobody's.
        if place is None or "\x00" in request.path:
            return HttpResponse(UNKNOWN, status=404, content_type="text/plain; charset=utf-8")
        request.surface = place.surface  # type: ignore[attr-defined]
        request.firm = place.firm  # type: ignore[attr-defined]
        request.urlconf = URLCONFS[place.surface]
        set_surface(place.surface)
        scope = sentry_sdk.get_isolation_scope()
        scope.set_tag("surface", place.surface)
        if place.firm is None:
            with in_public():
                return self.get_response(request)
        scope.set_tag("firm", str(place.firm.id))
        # For the edge, which shares its threads between firms.
        request.META["portico.firm"] = str(place.firm.id)
        with in_firm(place.firm):
            if place.firm.status != Firm.Status.ACTIVE:
                request.urlconf = "infra.config.urls_suspended"
            elif not place.is_primary and request.method in ("GET", "HEAD"):
                primary = (
                    place.firm.portal_host if place.surface == "portal" else place.firm.console_host
                )
                if primary and not request.path.startswith(("/api/", "/static/")):
                    answer = HttpResponse(status=302)
                    answer["Location"] = address(primary, request.get_full_path())
                    return answer
            return self.get_response(request)
