"""Legal identity and portal settings as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "branding.identity"
    label = "identity"
