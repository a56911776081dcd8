"""Pages whose forms may lead on to the payment provider's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tenants.firms.hosts import address

HOSTED = {"stripe": "https://checkout.stripe.com"}
ONBOARDING = {"stripe": "https://connect.stripe.com"}
View = Callable[..., HttpResponse]


def gateway_origin() -> str:
    """Where the payer is sent: the provider's host, or our own for play money."""
    return HOSTED.get(settings.PAYMENT_GATEWAY) or address(settings.PLATFORM_DOMAIN, "")


def onboarding_origin() -> str:
    """Where a firm completes its account: the provider's host, or our own for play money."""
    return ONBOARDING.get(settings.PAYMENT_GATEWAY) or address(settings.PLATFORM_DOMAIN, "")


def _leading_to(view: View, origin: Callable[[], str]) -> View:
    @wraps(view)
    def widened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer._csp_update = {"form-action": [origin()]}  # type: ignore[attr-defined]
        return answer

    return widened


def may_lead_to_gateway(view: View) -> View:
    """Let the page's forms be answered by a redirect to the provider (browsers check it against
    ``form-action``); everything else of the policy stays as it is."""
    return _leading_to(view, gateway_origin)


def may_lead_to_onboarding(view: View) -> View:
    """The same, for the page from which a firm goes on to complete its account."""
    return _leading_to(view, onboarding_origin)
