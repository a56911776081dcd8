"""Firms as a Django app; its tables live in the public schema."""

from django.apps import AppConfig


class FirmsConfig(AppConfig):
    name = "tenants.firms"
    label = "firms"

    def ready(self) -> None:
        from tenants.firms import checks  # noqa: F401  registers the system checks
