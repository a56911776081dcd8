"""One's own account: details, password, second factor, devices."""

from __future__ import annotations

import base64
import io
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from infra.common.errors import DomainError
from tenants.access.factor_enrolment import (
    begin_enrolment,
    confirm_enrolment,
    pending_enrolment,
    remove_factor,
)
from tenants.access.factors import has_factor
from tenants.access.password_reset import change_password
from tenants.access.selectors import sessions_of
from tenants.access.sign_in import (
    SignedIn,
    end_other_sessions,
    end_session,
    must_enrol,
    start_session,
)
from tenants.people.profile import update_profile
from webapp.kit.page_access import before_enrolment, person_of, person_required, safe_next
from webapp.shared.profile.devices import devices
from webapp.shared.profile.forms import (
    EnrolForm,
    PasswordForm,
    ProfileForm,
    RemoveFactorForm,
    ThemeForm,
)
from webapp.shared.sign_in.forms import add_errors


def _layout(request: HttpRequest, *, before: bool = False) -> str:
    """The page's frame: that of the surface, or a door while the rest is still closed."""
    surface = request.surface  # type: ignore[attr-defined]
    return f"webapp/layouts/{'door' if before else surface}.html"


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_page(request: HttpRequest) -> HttpResponse:
    """Details, ways to sign in, devices."""
    user = person_of(request)
    start = {
        "name": user.name,
        "phone": user.phone,
        "language": user.language,
        "time_zone": user.time_zone,
    }
    form = ProfileForm(request.POST or None, initial=start)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            update_profile(user=user, changes=form.cleaned_data)
            return redirect("/profile/?saved=1")
        status = 422
    context = {
        "form": form,
        "layout": _layout(request),
        "devices": devices(sessions_of(user), request.session.session_key or ""),
        "has_factor": has_factor(user),
        "saved": "saved" in request.GET,
    }
    return render(request, "webapp/profile/profile.html", context, status=status)


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def password_page(request: HttpRequest) -> HttpResponse:
    """A new password; the other devices are signed out."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_password(
                user=person_of(request),
                present=form.cleaned_data["old_password"],
                new=form.cleaned_data["password"],
                keep_session=request.session.session_key or "",
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            request.session["_auth_user_hash"] = person_of(request).get_session_auth_hash()
            _go_on(request)
            return redirect("/profile/?saved=1")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "layout": _layout(request)}
    return render(request, "webapp/profile/password.html", context, status=status)


@person_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or automatic; kept with the person, so that no page flashes."""
    form = ThemeForm(request.POST)
    if form.is_valid():
        update_profile(user=person_of(request), changes=form.cleaned_data)
    return redirect(safe_next(request, request.POST.get("next", "")))


def _go_on(request: HttpRequest) -> None:
    """This session stays, under new keys."""
    request.session.cycle_key()
    rotate_token(request)


def _qr(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=2)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()


@person_required
@before_enrolment
@require_http_methods(["GET", "HEAD", "POST"])
def factor_page(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: scan, type the first code, keep the recovery codes.

    Who was sent here by the firm's policy goes on to the page they had asked for.
    """
    user = person_of(request)
    target = request.POST.get("next") or request.GET.get("next", "")
    if has_factor(user):
        return redirect(safe_next(request, target) if target else "profile")
    form = EnrolForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                codes = confirm_enrolment(
                    user=user,
                    password=form.cleaned_data["old_password"],
                    code=form.cleaned_data["code"],
                    keep_session=request.session.session_key or "",
                )
            except DomainError as error:
                add_errors(form, error)
            else:
                start_session(request.session, SignedIn(user, with_factor=True))
                rotate_token(request)
                shown = {
                    "codes": codes,
                    "next": safe_next(request, target),
                    "layout": _layout(request, before=True),
                }
                return render(request, "webapp/profile/recovery_codes.html", shown)
    address = pending_enrolment(user=user) or begin_enrolment(user=user)
    demanded = must_enrol(user)
    context = {
        "form": form,
        "qr": _qr(address),
        "secret": address.split("secret=")[1].split("&")[0],
        "demanded": demanded,
        "next": target,
        "layout": _layout(request, before=demanded),
    }
    return render(request, "webapp/profile/factor.html", context, status=status)


@person_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_factor_page(request: HttpRequest) -> HttpResponse:
    """Take the authenticator away, with a last code; a recovery code where the phone is lost."""
    form = RemoveFactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            remove_factor(
                user=person_of(request),
                password=form.cleaned_data["old_password"],
                code=form.cleaned_data["code"],
                keep_session=request.session.session_key or "",
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            _go_on(request)
            return redirect("/profile/?saved=1")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "layout": _layout(request)}
    return render(request, "webapp/profile/remove_factor.html", context, status=status)


@person_required
@require_POST
def end_session_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Sign out one device."""
    end_session(public_id=pk, by=person_of(request))
    return redirect("profile")


@person_required
@require_POST
def end_others_page(request: HttpRequest) -> HttpResponse:
    """Sign out every device but this one."""
    end_other_sessions(by=person_of(request), keep=request.session.session_key or "")
    return redirect("profile")
