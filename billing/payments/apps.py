"""Payments as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "billing.payments"
    label = "payments"
