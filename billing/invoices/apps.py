"""Invoices as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "billing.invoices"
    label = "invoices"

    def ready(self) -> None:
        from billing.invoices.services import issuing  # noqa: F401  its mail is a handler
