"""Pages whose forms may lead on to the payment provider's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from billing.gateway.registry import hosted_origins, onboarding_origins

View = Callable[..., HttpResponse]


def _leading_to(view: View, origins: Callable[[], tuple[str, ...]]) -> View:
    @wraps(view)
    def widened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer._csp_update = {"form-action": list(origins())}  # type: ignore[attr-defined]
        return answer

    return widened


def may_lead_to_gateway(view: View) -> View:
    """Let the page's forms be answered by a redirect to the provider (browsers check it against
    ``form-action``); everything else of the policy stays as it is."""
    return _leading_to(view, hosted_origins)


def may_lead_to_onboarding(view: View) -> View:
    """The same, for the page from which a firm goes on to complete its account."""
    return _leading_to(view, onboarding_origins)
