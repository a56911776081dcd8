"""Rendering as a Django app: it owns the templates of mails."""

from django.apps import AppConfig


class RenderingConfig(AppConfig):
    name = "infra.rendering"
    label = "rendering"
