"""See as client: from the console to the portal, as one of the client's contacts sees it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.invoices.selectors import get_invoice
from branding.letterhead.mails import portal_address
from infra.common.errors import NotFound
from tenants.access.impersonation import start_viewing_as
from tenants.firms.permissions import Permission
from tenants.people.selectors import get_contact
from webapp.console.listing import staff_page
from webapp.kit.page_access import PersonRequest, View, person_of


def may_open_portal(view: View) -> Callable[..., HttpResponse]:
    """Let the page's forms be answered by a redirect to the firm's portal, which is another origin."""

    @wraps(view)
    def widened(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = view(request, *args, **kwargs)
        answer._csp_update = {"form-action": [portal_address("")]}  # type: ignore[attr-defined]
        return answer

    return widened


def _places(request: PersonRequest, client_id: UUID) -> tuple[str, str]:
    """Where to on the portal and back to on the console: the invoice that was named, or the start."""
    text = request.POST.get("invoice", "")
    if not text:
        return "/", f"{reverse('client', args=[client_id])}#contacts"
    try:
        invoice = get_invoice(request.user, UUID(text))
    except ValueError as error:
        raise NotFound from error
    if invoice.client_id != client_id:
        raise NotFound
    return f"/invoices/{invoice.pk}/", reverse("invoice", args=[invoice.pk])


@staff_page(Permission.VIEW_AS_CLIENT)
@require_POST
def view_as_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """On to the portal with a ticket for one minute."""
    contact = get_contact(request.user, pk)
    target, back = _places(request, contact.client_id)
    ticket = start_viewing_as(
        contact=contact,
        by=person_of(request),
        opened_from=request.session.row.public_id,  # type: ignore[attr-defined]
        target=target,
        back=back,
    )
    return redirect(portal_address(f"/viewing/{ticket}/"))
