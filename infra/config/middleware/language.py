"""The reader's language: their own choice, the firm's, or what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


class LanguageMiddleware:
    """Activates language and time zone for the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        firm = getattr(request, "firm", None)
        user = request.user
        known = dict(settings.LANGUAGES)
        asked = request.GET.get("lang", "")
        if user.is_authenticated and user.language in known:  # type: ignore[union-attr]
            language, zone = user.language, user.time_zone  # type: ignore[union-attr]
        else:
            language = request.COOKIES.get("lang", "")
            if asked in known:
                language = asked
            if language not in known:
                language = (
                    firm.language
                    if firm is not None and firm.language in known
                    else translation.get_language_from_request(request)
                )
            zone = firm.timezone if firm is not None else "UTC"
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
            response.setdefault("Content-Language", language)
            if asked in known and not user.is_authenticated:
                response.set_cookie(
                    "lang", asked, max_age=31536000, secure=True, httponly=True, samesite="Lax"
                )
            return response
