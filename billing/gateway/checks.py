"""System checks: no play money in production, no real money without keys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from billing.gateway.registry import PROVIDERS


@register()
def gateway_fits_deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The default provider exists, is no sandbox in production, and has its settings."""
    chosen = settings.PAYMENT_GATEWAY
    if chosen not in PROVIDERS:
        return [Error(f"PAYMENT_GATEWAY must be one of {', '.join(PROVIDERS)}.", id="gateway.E001")]
    if settings.DEPLOYMENT == "production" and chosen == "sandbox":
        return [
            Error(
                "The sandbox takes play money and is refused in production.",
                hint="Set PAYMENT_GATEWAY to a real provider, and that provider's settings.",
                id="gateway.E002",
            )
        ]
    if missing := PROVIDERS[chosen].missing_settings():
        return [
            Error(
                f"PAYMENT_GATEWAY is {chosen}, but {', '.join(missing)} is empty.",
                id="gateway.E003",
            )
        ]
    return []
