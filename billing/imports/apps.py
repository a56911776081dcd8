"""Imports as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "billing.imports"
    label = "imports"
