"""One colleague: their role, and whether they can sign in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from infra.common.errors import DomainError
from tenants.access.selectors import live_access
from tenants.firms.permissions import Permission
from tenants.people.colleagues import change_role, deactivate_colleague, reactivate_colleague
from tenants.people.models import User
from tenants.people.policy import can_change_colleague
from tenants.people.roles import ASSIGNED_ROLES
from tenants.people.selectors import count_assigned, get_colleague
from webapp.console.listing import staff_page
from webapp.console.settings.forms import RoleForm
from webapp.kit.page_access import PersonRequest, person_of
from webapp.shared.sign_in.forms import add_errors


def _shown(
    request: PersonRequest, colleague: User, form: RoleForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "colleague": colleague,
        "form": form,
        "problem": problem,
        "may_change": can_change_colleague(request.user, colleague),
        "is_self": colleague.pk == person_of(request).pk,
        "client_count": count_assigned(colleague) if colleague.role in ASSIGNED_ROLES else None,
        "access": live_access(colleague),
    }
    return render(request, "webapp/console/settings/colleague.html", context, status=status)


def _form(request: PersonRequest, colleague: User, data: Any = None) -> RoleForm:
    return RoleForm(data, initial={"role": colleague.role}, by=person_of(request))


@staff_page(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def colleague_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A colleague with the role to choose."""
    colleague = get_colleague(pk)
    if request.method != "POST":
        return _shown(request, colleague, _form(request, colleague))
    form = _form(request, colleague, request.POST)
    if form.is_valid():
        try:
            change_role(colleague=colleague, role=form.cleaned_data["role"], by=person_of(request))
        except DomainError as error:
            add_errors(form, error)
        else:
            return redirect(reverse("people") + f"?done=role&about={pk}")
    return _shown(request, colleague, form, status=422)


def _acted(request: PersonRequest, pk: UUID, act: Callable[..., Any], done: str) -> HttpResponse:
    colleague = get_colleague(pk)
    try:
        act(colleague=colleague, by=person_of(request))
    except DomainError as error:
        form = _form(request, colleague)
        return _shown(request, colleague, form, problem=str(error), status=409)
    return redirect(reverse("people") + f"?done={done}&about={pk}")


@staff_page(Permission.MANAGE_STAFF)
@require_POST
def deactivate_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take a colleague's access away, at once."""
    return _acted(request, pk, deactivate_colleague, "deactivated")


@staff_page(Permission.MANAGE_STAFF)
@require_POST
def reactivate_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Let a colleague sign in again."""
    return _acted(request, pk, reactivate_colleague, "reactivated")
