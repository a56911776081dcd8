"""Which gateway is meant."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.conf import settings

from billing.gateway.interface import Gateway
from billing.gateway.sandbox.transport import SandboxTransport
from billing.gateway.stripe.adapter import StripeGateway

GATEWAYS: Final = ("stripe", "sandbox")


class UnknownGatewayError(LookupError):
    """A gateway that is not there, or not for this deployment: a mistake in settings or data."""


@lru_cache(maxsize=4)
def _stripe(key: str, webhook_secret: str) -> StripeGateway:
    """One client per process and key: it keeps its connections open."""
    return StripeGateway(key=key, webhook_secret=webhook_secret)


def gateway_for(name: str | None = None) -> Gateway:
    """The gateway of that name (a stored payment's, an event's), or the one that settings choose.

    The sandbox is only handed out where settings choose it, so that a stored name cannot
    bring play money into production.
    """
    chosen = name or settings.PAYMENT_GATEWAY
    if chosen == "stripe":
        return _stripe(settings.STRIPE_SECRET_KEY, settings.STRIPE_CONNECT_WEBHOOK_SECRET)
    if chosen == "sandbox" and is_sandbox():
        return StripeGateway(
            key="sk_test_sandbox",
            webhook_secret=settings.STRIPE_CONNECT_WEBHOOK_SECRET,
            name="sandbox",
            http_client=SandboxTransport(),
        )
    raise UnknownGatewayError(chosen)


def is_sandbox() -> bool:
    """Whether payments are play money here; pages say so. In production they never are."""
    return bool(settings.PAYMENT_GATEWAY == "sandbox" and settings.DEPLOYMENT != "production")
