"""Invoices as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "billing.invoices"
    label = "invoices"
