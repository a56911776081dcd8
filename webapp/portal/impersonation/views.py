"""Staff who see the portal as a contact does: coming in from the console, and leaving."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.views.decorators.http import require_GET, require_POST, require_safe

from branding.letterhead.mails import portal_address
from tenants.access.impersonation import (
    ViewingTicketInvalid,
    end_viewing,
    language_of_ticket,
    open_viewing,
)
from tenants.access.session_store import SessionStore
from webapp.kit.impersonation_cookie import forget_look, last_look, note_look
from webapp.kit.page_access import person_of, person_required


def _end_present(request: HttpRequest) -> str:
    """End the viewing session of this browser, if it has one; returns where it came from."""
    session = request.session
    row = session.row  # type: ignore[attr-defined]
    if row is None or row.seen_contact_id is None:
        return ""
    back = str(session.get("back", "/"))
    end_viewing(row=row, reason="left")
    session.flush()
    return back


@require_GET
def open_page(request: HttpRequest, ticket: str) -> HttpResponse:
    """Take the console's ticket. A session that the browser had on this host is left alone."""
    session = SessionStore()
    try:
        target = open_viewing(session, ticket=ticket)
    except ViewingTicketInvalid as error:
        with override(language_of_ticket(ticket) or get_language()):
            context = {"message": str(error), "console": portal_address("/", "console")}
            answer = render(request, "webapp/portal/viewing_expired.html", context, status=410)
            answer["Content-Language"] = get_language() or "en"
        return answer
    _end_present(request)
    request.session = session
    rotate_token(request)
    answer = redirect(target)
    reader = SessionStore(session.session_key).person
    note_look(
        answer, back=str(session.get("back", "/")), language=reader.language if reader else "en"
    )
    return answer


@require_POST
def leave_page(request: HttpRequest) -> HttpResponse:
    """Back to where the staff member came from; the browser forgets what it kept of the portal."""
    if request.user.is_authenticated and getattr(request.user, "impersonation", None) is None:
        return redirect("home")
    # The half hour may be over: the way back is the same.
    look = last_look(request)
    back = _end_present(request) or (look.back if look else "/")
    answer = redirect(portal_address(back, "console"))
    forget_look(answer)
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@require_safe
def ended_page(request: HttpRequest) -> HttpResponse:
    """The half hour is over: not a sign-in page that is meant for clients, but the way back."""
    look = last_look(request)
    if look is None or request.user.is_authenticated:
        return redirect("home")
    with override(look.language):
        context = {"console": portal_address(look.back, "console")}
        return render(request, "webapp/portal/viewing_ended.html", context, status=410)


@person_required
@require_safe
def only_page(request: HttpRequest) -> HttpResponse:
    """Why pressing a button did nothing."""
    viewing = person_of(request).impersonation
    if viewing is None:
        return redirect("home")
    with override(viewing.by.language):
        answer = render(request, "webapp/errors/viewing.html", {})
        answer["Content-Language"] = get_language() or "en"
    return answer
