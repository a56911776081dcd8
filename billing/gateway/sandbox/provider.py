"""The sandbox among the providers of this deployment."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from billing.gateway.interface import Provider
from billing.gateway.sandbox import tasks  # noqa: F401  the worker knows them with the provider
from billing.gateway.sandbox.accounts import site_url
from billing.gateway.sandbox.transport import SandboxTransport
from billing.gateway.stripe.adapter import StripeGateway


def _from_settings() -> StripeGateway:
    return StripeGateway(
        key="sk_test_sandbox",
        webhook_secret=settings.SANDBOX_WEBHOOK_SECRET,
        name="sandbox",
        http_client=SandboxTransport(),
        hosted_origins=(site_url(""),),
        onboarding_origins=(site_url(""),),
    )


PROVIDER: Final = Provider(
    name="sandbox", settings=("SANDBOX_WEBHOOK_SECRET",), gateway=_from_settings
)
