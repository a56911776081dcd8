"""The gate of every page: who is here, and is this their surface."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.access.sign_in import must_enrol
from tenants.people.models import User
from tenants.people.roles import KIND_OF_SURFACE
from webapp.kit.impersonation_cookie import last_look

View = Callable[..., Any]


class PersonRequest(HttpRequest):
    """A request of a signed-in person: what views behind ``person_required`` get."""

    user: User  # type: ignore[assignment]


def person_of(request: HttpRequest) -> User:
    """The signed-in person; only behind ``person_required``."""
    return cast(User, request.user)


def surface_of(request: HttpRequest) -> str:
    """The surface of the host: portal, console, operator or platform."""
    return str(getattr(request, "surface", "platform"))


def safe_next(request: HttpRequest, target: str) -> str:
    """``target`` if it is a path on this host, else the start page."""
    if target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return target
    return reverse("home")


def _remembering(request: HttpRequest, name: str) -> str:
    """The address of a page that leads on to the one asked for now."""
    wanted = request.get_full_path() if request.method == "GET" else "/"
    return reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted != "/" else "")


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page, remembering where the person wanted to go.

    A staff member whose look through a client's eyes is over is told so instead.
    """
    if surface_of(request) == "portal" and last_look(request) is not None:
        return _whole_page(request, reverse("viewing-ended"))
    return _whole_page(request, _remembering(request, "sign-in"))


def _whole_page(request: HttpRequest, target: str) -> HttpResponse:
    """To another page as a whole, also when only a part of this one was asked for."""
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = target
        return answer
    return redirect(target)


def _to_enrolment(request: HttpRequest) -> HttpResponse:
    """The demanded second factor comes first; where the person was going is kept."""
    return _whole_page(request, _remembering(request, "factor"))


def person_required(view: View) -> View:
    """Only for a signed-in person of this surface who has the second factor that is demanded."""

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated or user.kind != KIND_OF_SURFACE.get(surface_of(request)):
            return to_sign_in(request)
        if not getattr(view, "before_enrolment", False) and must_enrol(user):
            return _to_enrolment(request)
        return view(request, *args, **kwargs)

    return gated


def before_enrolment(view: View) -> View:
    """Mark a page that people may use while their second factor is still to be set up."""
    view.before_enrolment = True  # type: ignore[attr-defined]
    return view
