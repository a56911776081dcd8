"""How a firm looks and speaks, as a Django app."""

from django.apps import AppConfig


class BrandingConfig(AppConfig):
    name = "branding"
    label = "branding"
