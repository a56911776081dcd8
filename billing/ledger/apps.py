"""The ledger as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "billing.ledger"
    label = "ledger"
