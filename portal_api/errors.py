"""One envelope for every error: ``{"code", "message", "fields"}``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from infra.common.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Unavailable
from infra.tenancy.database.timeouts import RETRY_AFTER, ended_by_time_out

STATUS: dict[type[DomainError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    Unavailable: 503,
}


@contextmanager
def named_by(field: str, message: str) -> Iterator[None]:
    """What is not found inside was named by a field of the input: 422 there, with ``message``,
    for the address itself leads to something."""
    try:
        yield
    except NotFound as absent:
        raise Invalid(fields={field: [message]}) from absent


def _flat(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested details as ``{"lines[0].amount": ["…"]}``."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            key = "" if name == "non_field_errors" else str(name)
            # Errors of a list come keyed by position.
            joined = f"{prefix}[{key}]" if isinstance(name, int) else f"{prefix}.{key}".strip(".")
            path = joined if key else prefix
            found.update(_flat(inner, path))
        return found
    if isinstance(detail, list) and any(isinstance(item, dict) for item in detail):
        found = {}
        for at, item in enumerate(detail):
            found.update(_flat(item, f"{prefix}[{at}]"))
        return found
    values = detail if isinstance(detail, list) else [detail]
    return {prefix or "_": [str(value) for value in values]}


def _body(code: str, message: str, fields: dict[str, list[str]] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "fields": fields or {}}


def envelope(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of the API leaves in the same shape."""
    if ended_by_time_out(error):
        error = Unavailable()
    if isinstance(error, DomainError):
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        body = _body(error.code, str(error), {k: list(v) for k, v in error.fields.items()})
        pending = getattr(error, "pending", None)
        if pending:
            body["pending"] = pending
        wait = {}
        if error.retry_after is not None or isinstance(error, Unavailable):
            wait = {"Retry-After": str(error.retry_after or RETRY_AFTER)}
        return Response(body, status=status, headers=wait)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    if isinstance(error, exceptions.ValidationError):
        response.status_code = 422
        response.data = _body("invalid", _("Please correct what is marked."), _flat(error.detail))
    else:
        code = error.get_codes()
        response.data = _body(code if isinstance(code, str) else "error", str(error.detail))
    return response
