"""Invoices as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "billing.invoices"
    label = "invoices"

    def ready(self) -> None:
        from billing.invoices import notices  # noqa: F401  registers its subscribers
