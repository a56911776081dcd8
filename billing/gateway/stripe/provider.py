"""Stripe among the providers of this deployment."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.conf import settings

from billing.gateway.interface import Provider
from billing.gateway.stripe.adapter import StripeGateway


@lru_cache(maxsize=4)
def _gateway(key: str, webhook_secret: str) -> StripeGateway:
    """One client per process and key: it keeps its connections open."""
    return StripeGateway(key=key, webhook_secret=webhook_secret)


def _from_settings() -> StripeGateway:
    return _gateway(settings.STRIPE_SECRET_KEY, settings.STRIPE_CONNECT_WEBHOOK_SECRET)


PROVIDER: Final = Provider(
    name="stripe",
    settings=("STRIPE_SECRET_KEY", "STRIPE_CONNECT_WEBHOOK_SECRET"),
    gateway=_from_settings,
)
