"""The gateway as a Django app; its tables live in the public schema."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "billing.gateway"
    label = "gateway"

    def ready(self) -> None:
        # Registered when imported: system checks; providers, and the tasks that some of them have.
        from billing.gateway import checks, registry  # noqa: F401
