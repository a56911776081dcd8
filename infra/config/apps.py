"""The composition root as a Django app."""

from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "infra.config"
    label = "composition"
