"""The composition root as a Django app: it owns the demo's command."""

from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "infra.config"
    label = "composition"
