"""Tooling as a Django app: it owns the demo's command."""

from django.apps import AppConfig


class ToolingConfig(AppConfig):
    name = "infra.tooling"
    label = "tooling"
