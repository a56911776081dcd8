"""The page behind an invitation's link."""

from __future__ import annotations

from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from infra.common.errors import DomainError
from tenants.access.factors import has_factor
from tenants.access.invitations import (
    AccessEnded,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    accept_invitation,
    account_of,
    find_invitation,
    renew_invitation,
)
from tenants.access.sign_in import SignedIn, start_session
from tenants.people.roles import KIND_OF_SURFACE
from webapp.kit.names import first_name
from webapp.kit.page_access import safe_next, surface_of
from webapp.shared.sign_in.forms import AcceptForm, JoinForm, add_errors


@require_http_methods(["GET", "HEAD", "POST"])
def accept_page(request: HttpRequest, token: str) -> HttpResponse:
    """Name and password, then straight to what the mail was about. Looking does not use it up."""
    try:
        invitation = find_invitation(token)
    except InvitationUnknown:
        return render(request, "webapp/invitation/unknown.html", {}, status=410)
    except InvitationUsed as used:
        if used.target:
            # They have access by now: sign in, and on to what the mail was about.
            return redirect(f"{reverse('sign-in')}?{urlencode({'next': used.target})}")
        return render(request, "webapp/invitation/used.html", {}, status=410)
    except AccessEnded:
        return render(request, "webapp/invitation/ended.html", {}, status=410)
    except InvitationExpired:
        return render(request, "webapp/invitation/expired.html", {"token": token}, status=410)
    expected = "portal" if invitation.contact_id else "console"
    if surface_of(request) != expected:
        return render(request, "webapp/invitation/unknown.html", {}, status=410)
    joins = account_of(invitation) is not None
    form: Form = (
        JoinForm(request.POST or None)
        if joins
        else AcceptForm(request.POST or None, initial={"name": invitation.name})
    )
    if request.method == "POST" and form.is_valid():
        try:
            user, target = accept_invitation(token=token, **form.cleaned_data)
        except DomainError as error:
            add_errors(form, error)
        else:
            # An account that was here before keeps its second step: it signs in as always.
            if user.kind == KIND_OF_SURFACE[surface_of(request)] and not has_factor(user):
                start_session(request.session, SignedIn(user, with_factor=False))
                rotate_token(request)
            return redirect(safe_next(request, target))
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "invitation": invitation,
        "first_name": first_name(invitation.name),
        "joins": joins,
    }
    return render(request, "webapp/invitation/accept.html", context, status=status)


@require_POST
def renew_page(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a fresh link to the same address."""
    renew_invitation(token=token)
    return render(request, "webapp/invitation/renewed.html", {})
