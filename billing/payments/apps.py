"""Payments as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "billing.payments"
    label = "payments"

    def ready(self) -> None:
        # Registered when imported: a running payment holds its invoices; subscribers.
        from billing.payments import holds, notices  # noqa: F401
