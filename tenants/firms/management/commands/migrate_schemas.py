"""Refused: migrating firm by firm takes minutes per hundred firms and stops at the first error."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate


class Command(DjangoMigrate):
    """Points to the commands that do this here; ``makemigrations`` still finds its autodetector."""

    help = "Not used here: see setup_platform and upgrade_firms."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("Use `manage.py setup_platform` or `manage.py upgrade_firms`.")
