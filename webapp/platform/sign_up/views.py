"""The platform's own pages: what it is, and signing a firm up."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from infra.common.errors import DomainError
from tenants.access.onboarding import confirm_sign_up
from tenants.firms.hosts import address
from tenants.firms.sign_up import SignUpExpired, pending_sign_up, request_sign_up
from tenants.firms.slugs import suggested_slug
from webapp.shared.sign_in.forms import SignUpForm, add_errors


@require_safe
def product_page(request: HttpRequest) -> HttpResponse:
    """What Portico is, in one page."""
    return render(request, "webapp/platform/product.html", {"sign_up_url": reverse("sign-up")})


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_page(request: HttpRequest) -> HttpResponse:
    """Ask for a portal."""
    form = SignUpForm(request.POST or None, initial={"country": "BE", "language": "en"})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = dict(form.cleaned_data)
            given["slug"] = given["slug"].lower() or suggested_slug(given["firm_name"])
            try:
                sign_up = request_sign_up(**given)
            except DomainError as error:
                add_errors(form, error)
            else:
                return render(request, "webapp/platform/check_mail.html", {"sign_up": sign_up})
    context = {"form": form, "domain": settings.PLATFORM_DOMAIN}
    return render(request, "webapp/platform/sign_up.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, token: str) -> HttpResponse:
    """Open the portal by a button: mail scanners follow links, they do not press buttons."""
    try:
        sign_up = pending_sign_up(token)
        if request.method == "POST":
            return redirect(confirm_sign_up(token=token))
    except SignUpExpired:
        return render(request, "webapp/platform/expired.html", {}, status=410)
    except DomainError as error:
        context = {"message": str(error), "fields": error.fields}
        return render(request, "webapp/platform/expired.html", context, status=409)
    answer = render(request, "webapp/platform/confirm.html", {"sign_up": sign_up})
    # The button's answer leads to the new firm's own host; browsers check that too.
    hosts = address(f"*.{settings.PLATFORM_DOMAIN}", "")
    answer._csp_update = {"form-action": [hosts]}  # type: ignore[attr-defined]
    return answer
