"""Facts that a page did not catch become the firm's own error pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from billing.invoices.pdf_drawing import PdfBeingMade
from infra.common.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Unavailable
from infra.tenancy.database.timeouts import RETRY_AFTER, ended_by_time_out
from webapp.shared.errors.views import error_page

ASK_AGAIN = "3"  # seconds
STATUS: dict[type[DomainError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    Unavailable: 503,
}


def status_of(error: DomainError) -> int:
    """The HTTP status of a fact's kind."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


class DomainErrorMiddleware:
    """Turns a fact into a page; the API has its own envelope."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "htmx", False):
            patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if ended_by_time_out(error):
            error = Unavailable()
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, PdfBeingMade):
            answer = error_page(request, 503, kind="pdf_being_made")
            # The page asks again by itself, and the download starts once it is there.
            answer["Refresh"] = ASK_AGAIN
        else:
            answer = error_page(request, status_of(error), message=str(error))
        if error.retry_after is not None or isinstance(error, Unavailable):
            answer["Retry-After"] = str(error.retry_after or RETRY_AFTER)
        return answer
