"""Payments as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "billing.payments"
    label = "payments"

    def ready(self) -> None:
        # Registered when imported: a running payment holds its invoices; mails are handlers.
        from billing.payments import holds  # noqa: F401
        from billing.payments.services import applying  # noqa: F401
