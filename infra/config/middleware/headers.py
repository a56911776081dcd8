"""Headers that Django does not set by itself."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from infra.observability.redaction import masked

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


class PolicyMiddleware(CSPMiddleware):
    """django-csp, which builds the policy anew for each response: ours is mostly the same text."""

    _own: tuple[object, str] | None = None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        special = any(name.startswith("_csp_") for name in vars(response))
        if special or HEADER in response or getattr(request, "_csp_nonce", None) is not None:
            return super().process_response(request, response)
        policy = settings.CONTENT_SECURITY_POLICY
        if self._own is None or self._own[0] is not policy:
            answer = super().process_response(request, response)
            self._own = (policy, answer.get(HEADER, ""))
            return answer
        if self._own[1]:
            response.headers[HEADER] = self._own[1]
        return response


class ResponseHeadersMiddleware:
    """Pages are private unless they say otherwise; no page may be framed by another origin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault("X-Frame-Options", "DENY")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", PERMISSIONS)
        if masked(request.path) != request.path:
            # The path is a secret: only the origin is told, which forms need to be believed.
            response.setdefault("Referrer-Policy", "strict-origin")
        return response
