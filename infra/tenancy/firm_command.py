"""Commands that look at one firm (``--firm SLUG``) or at every firm, one line each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import get_tenant_model

from infra.tenancy.firm_context import in_firm, in_public


class FirmCheckCommand(ABC, BaseCommand):
    """Runs ``check`` inside each firm; ends with an error if any firm's check found something."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--firm", help="the firm's short name; all firms without it")

    @abstractmethod
    def check_firm(self) -> tuple[bool, str]:
        """Whether the current firm is sound, and what to print about it."""

    def handle(self, *args: Any, **options: Any) -> None:
        with in_public():
            firms = get_tenant_model().objects.order_by("slug")
            if options["firm"]:
                firms = firms.filter(slug=options["firm"])
            refs = [firm.ref for firm in firms]
        if not refs:
            raise CommandError("No such firm.")
        broken = []
        for ref in refs:
            with in_firm(ref):
                is_sound, words = self.check_firm()
            self.stdout.write(f"{ref.slug}: {words}")
            if not is_sound:
                broken.append(ref.slug)
        if broken:
            raise CommandError(f"Not sound: {', '.join(broken)}.")
