"""Number series as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "billing.numbering"
    label = "numbering"
