"""The firm's settings: portal, identity, people, payments, API tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from billing.gateway.onboarding import (
    connect_firm,
    look_again,
    onboarding_address,
    present_account,
)
from billing.gateway.registry import is_sandbox
from billing.invoices.models import BillingSettings
from billing.invoices.services.settings import save_billing_settings
from branding.identity.models import PortalSettings
from branding.identity.selectors import legal_identity, offered_languages
from branding.identity.services import save_identity, save_portal_settings
from branding.letterhead.mails import portal_address
from infra.common.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from infra.tenancy.firm_context import current_firm
from tenants.access.invitations import invite_staff, revoke_invitation
from tenants.access.models import SignInPolicy
from tenants.access.selectors import find_tokens, get_invitation, get_token, staff_invitations
from tenants.access.sign_in_policy import save_sign_in_policy
from tenants.access.tokens import create_api_token, revoke_api_token
from tenants.firms.permissions import Permission
from tenants.people.policy import can_invite_staff
from tenants.people.selectors import colleagues
from webapp.console.listing import staff_page
from webapp.console.settings.forms import ColleagueForm, IdentityForm, PortalForm, TokenForm
from webapp.kit.page_access import PersonRequest, person_of
from webapp.kit.requirement_copy import in_words
from webapp.shared.sign_in.forms import add_errors


def _page(
    request: PersonRequest, tab: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    given = {"tab": tab, "done": request.GET.get("done", ""), **context}
    return render(request, f"webapp/console/settings/{tab}.html", given, status=status)


@staff_page(Permission.MANAGE_PORTAL)
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: PersonRequest) -> HttpResponse:
    """What the firm decides about its portal."""
    rooms = (
        (SignInPolicy, save_sign_in_policy),
        (PortalSettings, save_portal_settings),
        (BillingSettings, save_billing_settings),
    )
    start: dict[str, Any] = {}
    for model, _save in rooms:
        present = model.current()
        start |= {name: getattr(present, name) for name in model.CHANGEABLE}
    start["languages"] = offered_languages()
    form = PortalForm(request.POST or None, initial=start)
    if request.method != "POST":
        return _page(request, "portal", {"form": form})
    if form.is_valid():
        try:
            with transaction.atomic():
                for model, save in rooms:
                    save(changes=form.changes_of(model), by=person_of(request))
        except Invalid as error:
            add_errors(form, error)
        else:
            return redirect(reverse("settings") + "?done=saved")
    return _page(request, "portal", {"form": form}, 422)


@staff_page(Permission.MANAGE_PORTAL)
@require_http_methods(["GET", "HEAD", "POST"])
def identity_page(request: PersonRequest) -> HttpResponse:
    """Who the firm is on paper."""
    present = legal_identity()
    start = {name: getattr(present, name) for name in IdentityForm.base_fields}
    start["company_name"] = start["company_name"] or current_firm().name
    form = IdentityForm(request.POST or None, initial=start)
    if request.method != "POST":
        return _page(request, "identity", {"form": form})
    if form.is_valid():
        try:
            save_identity(changes=form.cleaned_data, by=person_of(request))
        except Invalid as error:
            add_errors(form, error)
        else:
            return redirect(reverse("identity") + "?done=saved")
    return _page(request, "identity", {"form": form}, 422)


@staff_page(Permission.MANAGE_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def people_page(request: PersonRequest) -> HttpResponse:
    """Colleagues, those who were invited, and one more."""
    form = ColleagueForm(request.POST or None, by=person_of(request))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                invitation = invite_staff(by=person_of(request), **form.cleaned_data)
            except DomainError as error:
                add_errors(form, error)
            else:
                return redirect(reverse("people") + f"?done=invited&about={invitation.pk}")
    invitations = list(staff_invitations())
    context = {
        "form": form,
        "colleagues": colleagues(),
        "invitations": invitations,
        # Of an owner only an owner withdraws it.
        "withdrawable": {
            invitation.pk
            for invitation in invitations
            if can_invite_staff(request.user, invitation.role)
        },
        "about": request.GET.get("about", ""),
    }
    return _page(request, "people", context, status)


@staff_page(Permission.MANAGE_STAFF)
@require_POST
def revoke_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Make a colleague's invitation worthless."""
    invitation = get_invitation(request.user, pk)
    if invitation.contact_id is not None:
        raise NotFound
    revoke_invitation(invitation=invitation, by=person_of(request))
    return redirect(reverse("people") + "?done=revoked")


def _connect(request: PersonRequest) -> HttpResponse:
    """Make the account if there is none, then go on to where it is completed."""
    user, here = person_of(request), reverse("payment-settings")
    if request.POST.get("do") == "look":
        look_again(by=user)
        return redirect(here)
    connect_firm(by=user)
    back = portal_address(f"{here}?back=1", surface="console")
    return redirect(onboarding_address(return_url=back, refresh_url=back, by=user))


@staff_page(Permission.MANAGE_PORTAL)
@require_http_methods(["GET", "HEAD", "POST"])
def payments_page(request: PersonRequest) -> HttpResponse:
    """The firm's account at the payment provider: connect it, complete it, see how it stands."""
    problem, status = "", 200
    try:
        if request.method == "POST":
            return _connect(request)
        if "back" in request.GET and present_account() is not None:
            look_again(by=person_of(request))
    except (Conflict, Unavailable) as error:
        problem, status = str(error), 503 if isinstance(error, Unavailable) else 409
    account = present_account()
    context = {
        "account": account,
        "requirements": in_words(account.open_requirements()) if account else [],
        "problem": problem,
        "sandbox": is_sandbox(),
        "identity": legal_identity(),
    }
    return _page(request, "payments", context, status)


@staff_page(Permission.MANAGE_PORTAL)
@require_http_methods(["GET", "HEAD", "POST"])
def tokens_page(request: PersonRequest) -> HttpResponse:
    """Keys for programs; the secret of a new one is in this answer and nowhere else."""
    form = TokenForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                token, secret = create_api_token(
                    user=person_of(request),
                    name=form.cleaned_data["name"],
                    scopes=form.cleaned_data["scopes"].split(),
                    expires_at=form.expires_at(),
                    by=person_of(request),
                    password=form.cleaned_data["old_password"],
                )
            except DomainError as error:
                add_errors(form, error)
            else:
                context = {"form": TokenForm(), "made": token, "secret": secret}
                status = 201
    context["tokens"] = find_tokens(person_of(request))
    return _page(request, "tokens", context, status)


@staff_page(Permission.MANAGE_PORTAL)
@require_POST
def revoke_token_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Make a key worthless at once."""
    revoke_api_token(token=get_token(person_of(request), pk), by=person_of(request))
    return redirect(reverse("tokens") + "?done=revoked")
