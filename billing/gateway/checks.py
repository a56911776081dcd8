"""System checks: no play money in production, no real money without keys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from billing.gateway.registry import GATEWAYS


@register()
def gateway_fits_deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The chosen gateway exists, is no sandbox in production, and has its keys."""
    chosen = settings.PAYMENT_GATEWAY
    if chosen not in GATEWAYS:
        return [Error(f"PAYMENT_GATEWAY must be one of {', '.join(GATEWAYS)}.", id="gateway.E001")]
    if settings.DEPLOYMENT == "production" and chosen == "sandbox":
        return [
            Error(
                "The sandbox takes play money and is refused in production.",
                hint="Set PAYMENT_GATEWAY=stripe and its keys.",
                id="gateway.E002",
            )
        ]
    if chosen == "stripe" and not (
        settings.STRIPE_SECRET_KEY and settings.STRIPE_CONNECT_WEBHOOK_SECRET
    ):
        return [
            Error(
                "Stripe is chosen but STRIPE_SECRET_KEY or STRIPE_CONNECT_WEBHOOK_SECRET is empty.",
                id="gateway.E003",
            )
        ]
    return []
