"""Payments as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "billing.payments"
    label = "payments"

    def ready(self) -> None:
        from billing.payments.services import applying  # noqa: F401  its mails are handlers
