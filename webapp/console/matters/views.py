"""The matters of a client: opening, changing, closing, taking up again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from infra.common.actor import require
from infra.common.errors import DomainError
from infra.tenancy.locale_formats import today_of_firm
from tenants.firms.permissions import Permission
from tenants.matters.models import Matter
from tenants.matters.selectors import get_matter
from tenants.matters.services import close_matter, create_matter, reopen_matter, update_matter
from tenants.people.selectors import get_client
from webapp.console.clients.views import form_page
from webapp.console.listing import staff_page
from webapp.console.matters.forms import MatterForm
from webapp.kit.page_access import PersonRequest, person_of
from webapp.shared.sign_in.forms import add_errors


def _to_matters(matter: Matter, done: str) -> HttpResponse:
    target = reverse("client", args=[matter.client_id])
    return redirect(f"{target}?done={done}&about={matter.pk}#matters")


@staff_page(Permission.MANAGE_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A matter to open."""
    client = get_client(request.user, pk)
    require(request.user.may(Permission.MANAGE_MATTERS, client_id=client.pk))
    form = MatterForm(request.POST or None, initial={"opened_on": today_of_firm()})
    if request.method != "POST":
        return form_page(request, "matter", form, 200, client=client)
    if form.is_valid():
        try:
            matter = create_matter(client=client, by=person_of(request), **form.cleaned_data)
        except DomainError as error:
            add_errors(form, error)
        else:
            return _to_matters(matter, "opened")
    return form_page(request, "matter", form, 422, client=client)


@staff_page(Permission.MANAGE_CLIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A matter to change."""
    matter = get_matter(request.user, pk)
    client = matter.client
    require(request.user.may(Permission.MANAGE_MATTERS, client_id=client.pk))
    start = {name: getattr(matter, name) for name in MatterForm.base_fields}
    form = MatterForm(request.POST or None, initial=start)
    if request.method != "POST":
        return form_page(request, "matter", form, 200, client=client, matter=matter)
    if form.is_valid():
        try:
            update_matter(matter=matter, changes=form.cleaned_data, by=person_of(request))
        except DomainError as error:
            add_errors(form, error)
        else:
            return _to_matters(matter, "changed-matter")
    return form_page(request, "matter", form, 422, client=client, matter=matter)


@staff_page(Permission.MANAGE_CLIENTS)
@require_POST
def close_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Mark a matter as done; it can be taken up again from where this leads."""
    matter = get_matter(request.user, pk)
    return _to_matters(close_matter(matter=matter, by=person_of(request)), "closed")


@staff_page(Permission.MANAGE_CLIENTS)
@require_POST
def reopen_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Take a closed matter up again."""
    matter = get_matter(request.user, pk)
    return _to_matters(reopen_matter(matter=matter, by=person_of(request)), "reopened")
