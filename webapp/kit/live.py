"""Addresses of live streams, and the leave a page needs to open one."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from infra.live.channels import live_ticket
from webapp.kit.page_access import person_of


def live_address(request: HttpRequest) -> str:
    """Where the person's page listens: this origin, or the live process's port in the demo.

    Empty for staff who look as somebody: the stream is the person's own.
    """
    if person_of(request).impersonation is not None:
        return ""
    origin = f"{request.scheme}://{request.get_host()}"
    base = ""
    if settings.LIVE_PORT:
        base = f"{request.scheme}://{request.get_host().rsplit(':', 1)[0]}:{settings.LIVE_PORT}"
    ticket = live_ticket(person_id=person_of(request).pk, origin=origin)
    return f"{base}/live/?ticket={quote(ticket)}"


def may_listen(answer: HttpResponse, address: str) -> HttpResponse:
    """Let the page connect to the live process where that is another origin."""
    if address and not address.startswith("/"):
        origin = address.partition("/live/")[0]
        answer._csp_update = {"connect-src": [origin]}  # type: ignore[attr-defined]
    return answer
