"""A request that cannot be read is refused once, before a view sees a part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict

from webapp.shared.errors.views import bad_request


class ReadableMiddleware:
    """Answers 400 to a query of too many parameters and to a body that is not UTF-8.

    The query is emptied first: the middleware that follows and the error page read it too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_readable(request):
            request.META["QUERY_STRING"] = ""
            request.GET = QueryDict()  # type: ignore[assignment]
            request.is_unreadable = True  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """In the reader's language and the firm's look, as far as they are known by now."""
        return bad_request(request) if getattr(request, "is_unreadable", False) else None


def _is_readable(request: HttpRequest) -> bool:
    try:
        request.GET.keys()
    except (SuspiciousOperation, ValueError):
        return False
    return not getattr(request, "is_unreadable", False)
