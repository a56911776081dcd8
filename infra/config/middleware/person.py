"""Who is here: the session's person, if the session counts on this host and surface."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessions
from django.http import HttpRequest, HttpResponse

from tenants.access.impersonation import end_viewing
from tenants.access.sign_in import session_person

# Requests that come by themselves; they must not keep a session awake.
BACKGROUND_HEADER = "HTTP_X_PORTICO_BACKGROUND"


class SessionMiddleware(DjangoSessions):
    """Sessions exist on firms' hosts only; the platform host has no sign-in and no cookie."""

    def process_request(self, request: HttpRequest) -> None:
        if getattr(request, "firm", None) is not None:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not hasattr(request, "session"):
            return response
        return super().process_response(request, response)


class PersonMiddleware:
    """Sets ``request.user``; a session of another firm, surface or password is emptied."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = AnonymousUser()
        session = getattr(request, "session", None)
        if session is not None and session.session_key:
            person = session_person(session)
            if person is not None:
                request.user = person
                if BACKGROUND_HEADER not in request.META:
                    session.touch()
            elif session.get("_auth_user_id"):
                if session.row.seen_contact_id is not None:
                    end_viewing(row=session.row, reason="lost")
                session.flush()
        return self.get_response(request)
