"""Sign-in, second step, sign-out, forgotten password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from branding.identity.selectors import offered_languages
from infra.common.errors import DomainError
from infra.tenancy.signing import BadSignature
from tenants.access.lock_out import unlock_account, user_of_unlock
from tenants.access.password_reset import request_password_reset, reset_password, user_of_reset
from tenants.access.sign_in import (
    PortalClosed,
    SecondFactorRequired,
    SignedIn,
    WrongCode,
    complete_sign_in,
    is_closed_here,
    sign_in,
    start_session,
)
from tenants.people.roles import KIND_OF_SURFACE
from webapp.kit.impersonation_cookie import forget_look
from webapp.kit.page_access import safe_next, surface_of
from webapp.shared.sign_in.forms import (
    AddressForm,
    CodeForm,
    NewPasswordForm,
    SignInForm,
    add_errors,
)


def _language_links(request: HttpRequest) -> list[dict[str, Any]]:
    """The firm's languages to choose from, where it has more than one."""
    offered = offered_languages()
    query = request.GET.copy()
    links = []
    for code, label in settings.LANGUAGES:
        query["lang"] = code
        current = code == get_language()
        link = {"code": code, "label": label, "url": f"?{query.urlencode()}", "current": current}
        if code in offered or current:
            links.append(link)
    return links if len(links) > 1 else []


def _welcome(request: HttpRequest, signed_in: SignedIn) -> HttpResponse:
    start_session(request.session, signed_in)
    rotate_token(request)
    answer = redirect(safe_next(request, request.POST.get("next", "")))
    forget_look(answer)
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Address and password; those with a second factor go on to the code.

    A portal that the firm keeps closed says so at once, not after a password.
    """
    target = request.POST.get("next") or request.GET.get("next", "")
    if request.user.is_authenticated and request.method != "POST":
        return redirect(safe_next(request, target))
    if is_closed_here():
        said = {"language_links": _language_links(request)}
        status = 403 if request.method == "POST" else 200
        return render(request, "webapp/sign_in/closed.html", said, status=status)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _welcome(request, sign_in(**form.cleaned_data))
            except SecondFactorRequired as step:
                code = CodeForm(initial={"pending": step.pending})
                return render(request, "webapp/sign_in/code.html", {"form": code, "next": target})
            except DomainError as error:
                add_errors(form, error)
    context = {"form": form, "next": target, "language_links": _language_links(request)}
    return render(request, "webapp/sign_in/sign_in.html", context, status=status)


@require_POST
def code_page(request: HttpRequest) -> HttpResponse:
    """The second step."""
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            return _welcome(request, complete_sign_in(**form.cleaned_data))
        except (BadSignature, PortalClosed):
            return redirect("sign-in")
        except WrongCode as error:
            form.add_error("code", str(error))
        except DomainError as error:
            add_errors(form, error)
    context = {"form": form, "next": request.POST.get("next", "")}
    return render(request, "webapp/sign_in/code.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def unlock_page(request: HttpRequest, token: str) -> HttpResponse:
    """Lift the lock by the mailed link. Looking does nothing: mail scanners look."""
    try:
        user = user_of_unlock(token)
        if request.method == "POST":
            unlock_account(token=token)
            return redirect("sign-in")
    except BadSignature:
        return render(request, "webapp/sign_in/unlock_expired.html", {}, status=410)
    return render(request, "webapp/sign_in/unlock.html", {"email": user.email})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here; the browser forgets what it kept of the portal."""
    request.session.flush()
    answer = redirect("sign-in")
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def forgot_password(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer is the same whether or not the address is known."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            request_password_reset(email=email, kind=KIND_OF_SURFACE[surface_of(request)])
        except DomainError as error:
            add_errors(form, error)
        else:
            return render(request, "webapp/sign_in/link_sent.html", {"email": email})
    status = 422 if request.method == "POST" else 200
    return render(request, "webapp/sign_in/forgot.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a new password by the mailed link; an old link offers a new one."""
    try:
        user = user_of_reset(token)
    except BadSignature:
        context = {"form": AddressForm()}
        return render(request, "webapp/sign_in/link_expired.html", context, status=410)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reset_password(token=token, new=form.cleaned_data["password"])
        except DomainError as error:
            add_errors(form, error)
        else:
            return render(request, "webapp/sign_in/password_set.html", {})
    status = 422 if request.method == "POST" else 200
    details = {"form": form, "email": user.email}
    return render(request, "webapp/sign_in/new_password.html", details, status=status)
