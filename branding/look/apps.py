"""The firm's look as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "branding.look"
    label = "look"
