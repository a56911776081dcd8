"""Pages whose forms may lead on to the payment provider's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tenants.firms.hosts import address

HOSTED = {"stripe": "https://checkout.stripe.com"}
View = Callable[..., HttpResponse]


def gateway_origin() -> str:
    """Where the payer is sent: the provider's host, or our own for play money."""
    return HOSTED.get(settings.PAYMENT_GATEWAY) or address(settings.PLATFORM_DOMAIN, "")


def may_lead_to_gateway(view: View) -> View:
    """Let the page's forms be answered by a redirect to the provider (browsers check it against
    ``form-action``); everything else of the policy stays as it is."""

    @wraps(view)
    def widened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer._csp_update = {"form-action": [gateway_origin()]}  # type: ignore[attr-defined]
        return answer

    return widened
