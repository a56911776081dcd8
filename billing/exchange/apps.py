"""Imports of bills as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "billing.exchange"
    label = "exchange"
