"""The gateway as a Django app; its tables live in the public schema."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "billing.gateway"
    label = "gateway"

    def ready(self) -> None:
        from billing.gateway import checks  # noqa: F401  registers the system checks
