"""Which payment providers there are, and which of them this deployment offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.conf import settings

from billing.gateway.interface import Gateway, Provider
from billing.gateway.sandbox.deployment import is_sandbox as is_sandbox
from billing.gateway.sandbox.provider import PROVIDER as SANDBOX
from billing.gateway.stripe.provider import PROVIDER as STRIPE

PROVIDERS: Final[Mapping[str, Provider]] = {
    provider.name: provider for provider in (STRIPE, SANDBOX)
}


class UnknownGatewayError(LookupError):
    """A provider that does not exist, or that this deployment does not offer."""


def is_offered(name: str) -> bool:
    """Whether a provider exists and is configured.

    The sandbox is only offered where settings choose it, so that a stored name cannot bring
    play money into production.
    """
    provider = PROVIDERS.get(name)
    if provider is None or (provider is SANDBOX and not is_sandbox()):
        return False
    return not provider.missing_settings()


def offered_providers() -> tuple[str, ...]:
    """The names of the providers that firms can have an account with here."""
    return tuple(name for name in PROVIDERS if is_offered(name))


def gateway_for(name: str) -> Gateway:
    """The gateway of a provider: a firm's, a stored payment's, an event's.

    Raises ``UnknownGatewayError``.
    """
    if not is_offered(name):
        raise UnknownGatewayError(name)
    return PROVIDERS[name].gateway()


def default_gateway() -> Gateway:
    """The gateway that a firm is connected to that has no account yet."""
    return gateway_for(settings.PAYMENT_GATEWAY)


def hosted_origins() -> tuple[str, ...]:
    """Origins of the pages that payers are sent to, of all providers offered.

    A payment may go on at the provider it was started with after its firm has changed to
    another one.
    """
    return tuple(
        origin for name in offered_providers() for origin in gateway_for(name).hosted_origins
    )


def onboarding_origins() -> tuple[str, ...]:
    """Origins of the pages where firms complete their accounts, of all providers offered."""
    return tuple(
        origin for name in offered_providers() for origin in gateway_for(name).onboarding_origins
    )
