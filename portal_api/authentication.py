"""Who calls: the browser's session (with CSRF), or an API token of this firm."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from tenants.access.tokens import find_token


class PersonSessionAuthentication(SessionAuthentication):
    """The person of the session; unsafe methods need the CSRF token."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class ApiTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer pt_…``; the token is looked up in this host's firm only."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        parts = get_authorization_header(request).split()
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            return None
        token = find_token(parts[1].decode("latin-1"))
        if token is None or getattr(request, "surface", "") != "console":
            raise AuthenticationFailed("This token is not valid here.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ApiTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "portal_api.authentication.ApiTokenAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API token of the firm."}


class PersonSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "portal_api.authentication.PersonSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-sid",
            "description": "The browser's session; unsafe methods also need the X-CSRFToken header.",
        }
