"""Which attorneys serve a client, and therefore see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from infra.common.actor import require
from infra.common.errors import Invalid, NotFound
from tenants.firms.permissions import Permission
from tenants.people.clients import assign_attorney, unassign_attorney
from tenants.people.models import User
from tenants.people.selectors import get_client, get_colleague
from webapp.console.clients.views import show_client
from webapp.console.listing import staff_page
from webapp.kit.page_access import PersonRequest, person_of


def _chosen(request: PersonRequest) -> User | None:
    try:
        return get_colleague(UUID(request.POST.get("attorney", "")))
    except (ValueError, NotFound):
        return None


def _act(request: PersonRequest, pk: UUID, act: Callable[..., Any], done: str) -> HttpResponse:
    client = get_client(request.user, pk)
    require(request.user.may(Permission.MANAGE_CLIENTS, client_id=client.pk))
    attorney = _chosen(request)
    if attorney is None:
        return show_client(request, client, problem=_("Please choose an attorney."), status=422)
    try:
        act(client=client, attorney=attorney, by=person_of(request))
    except Invalid as error:
        return show_client(request, client, problem=str(error), status=422)
    if act is unassign_attorney and attorney.pk == person_of(request).pk:
        # The client is out of their own sight now.
        return redirect("clients")
    return redirect(reverse("client", args=[pk]) + f"?done={done}&about={attorney.pk}#attorneys")


@staff_page(Permission.MANAGE_CLIENTS)
@require_POST
def assign_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Let an attorney see and serve the client."""
    return _act(request, pk, assign_attorney, "assigned")


@staff_page(Permission.MANAGE_CLIENTS)
@require_POST
def unassign_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take the client out of an attorney's sight, at once."""
    return _act(request, pk, unassign_attorney, "unassigned")
