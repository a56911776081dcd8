"""The one gate of staff who look at the portal as a contact: they read, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from branding.letterhead.mails import portal_address
from tenants.access.impersonation import record_reading
from tenants.people.models import User
from webapp.shared.errors.views import error_page

SAFE = ("GET", "HEAD", "OPTIONS")
# What is the person's own: how they sign in, from where, with what. Not even to be seen.
CLOSED = ("/profile/", "/password/", "/sign-in/", "/invitation/", "/api/v1/auth/")
LEAVE = "/viewing/leave/"
# The firm's look, the explanation itself: nothing of the person.
UNTOLD = ("/brand/", "/viewing/", "/api/v1/brand/", "/api/schema/", "/api/docs/")


class ImpersonationMiddleware:
    """Pages and API alike: while a colleague looks, nothing can be changed, and reading is noted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or user.impersonation is None:
            return self.get_response(request)
        response = self.get_response(request)
        told = request.method == "GET" and not request.path.startswith(UNTOLD)
        # Whatever the request says of itself: a header must not make a reading untold.
        if told and response.status_code == 200:
            record_reading(person=user, path=request.path)
        # Leaving is answered by a redirect to the console, which is another origin.
        update = {**getattr(response, "_csp_update", {})}
        console = portal_address("", "console")
        update["form-action"] = [*update.get("form-action", []), console]
        response._csp_update = update  # type: ignore[attr-defined]
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """What is refused, before any view runs."""
        user = request.user
        if not isinstance(user, User) or user.impersonation is None:
            return None
        changes = request.method not in SAFE and request.path != LEAVE
        if not changes and not request.path.startswith(CLOSED):
            return None
        # The reader is the staff member: the portal speaks the client's language, this does not.
        with override(user.impersonation.by.language):
            return _refusal(request, changes=changes)


def _refusal(request: HttpRequest, *, changes: bool) -> HttpResponse:
    message = (
        _("Nothing can be changed while you see the portal as somebody else.")
        if changes
        else _("This page belongs to the person alone; you do not see it.")
    )
    answer: HttpResponse
    if request.path.startswith("/api/"):
        body = {"code": "viewing_only", "message": message, "fields": {}}
        answer = JsonResponse(body, status=403)
    else:
        answer = error_page(request, 403, kind="viewing", message=message)
        if getattr(request, "htmx", False):
            answer["HX-Redirect"] = reverse("viewing-only")
    answer["Content-Language"] = get_language() or "en"
    return answer
