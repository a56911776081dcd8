"""Pages for what went wrong, in the firm's look, each with a next step."""

from __future__ import annotations

import sys
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from infra.common.request_context import current_origin


def error_page(
    request: HttpRequest, status: int, *, kind: str = "", message: str = ""
) -> HttpResponse:
    """The page of a status, with the fact's own sentence where there is one."""
    context = {
        "status": status,
        "kind": kind,
        "message": message,
        "request_id": current_origin().request_id,
    }
    return render(request, "webapp/errors/error.html", context, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its proof of origin: an old page, or cookies switched off."""
    if request.path.startswith("/api/"):
        body = '{"code":"csrf_failed","message":"The CSRF token is missing or wrong.","fields":{}}'
        return HttpResponse(body, status=403, content_type="application/json")
    return render(request, "webapp/errors/403_csrf.html", {}, status=403)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The request cannot be read."""
    if request.path.startswith("/api/"):
        body = '{"code":"bad_request","message":"This request cannot be read.","fields":{}}'
        return HttpResponse(body, status=400, content_type="application/json")
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Not open to this person."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Nothing at this address, or nothing that is theirs to know of."""
    if request.path.startswith("/api/"):
        body = '{"code":"not_found","message":"There is nothing at this address.","fields":{}}'
        return HttpResponse(body, status=404, content_type="application/json")
    return error_page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """A defect of ours, or a database that is away for a moment; drawn without either."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return _away(request)
    if request.path.startswith("/api/"):
        body = '{"code":"server_error","message":"Something went wrong on our side.","fields":{}}'
        return HttpResponse(body, status=500, content_type="application/json")
    context = {"request_id": current_origin().request_id}
    return render(request, "webapp/errors/500.html", context, status=500)


def _away(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = '{"code":"unavailable","message":"Please try again in a moment.","fields":{}}'
        answer = HttpResponse(body, status=503, content_type="application/json")
    else:
        context = {"request_id": current_origin().request_id, "away": True}
        answer = render(request, "webapp/errors/500.html", context, status=503)
    answer["Retry-After"] = "5"
    return answer


def suspended(request: HttpRequest) -> HttpResponse:
    """The firm is not served at the moment; nothing is lost."""
    if request.path.startswith("/api/"):
        body = '{"code":"firm_suspended","message":"This portal is closed for the moment.","fields":{}}'
        return HttpResponse(body, status=503, content_type="application/json")
    return render(request, "webapp/errors/suspended.html", {}, status=503)
