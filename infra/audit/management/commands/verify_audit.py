"""``manage.py verify_audit [--firm SLUG]``: recompute the audit chain of one firm or of all."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import get_tenant_model

from infra.audit.services import seal_events, verify_chain
from infra.common.firm_context import in_firm, in_public


class Command(BaseCommand):
    """Prints one line a firm; exits with an error at the first broken chain."""

    help = "Verify the audit chain of one firm (--firm SLUG) or of every firm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--firm", help="the firm's short name; all firms without it")

    def handle(self, *args: Any, **options: Any) -> None:
        with in_public():
            firms = get_tenant_model().objects.order_by("slug")
            if options["firm"]:
                firms = firms.filter(slug=options["firm"])
            refs = [firm.ref for firm in firms]
        if not refs:
            raise CommandError("No such firm.")
        broken = 0
        for ref in refs:
            with in_firm(ref):
                while seal_events():
                    pass
                report = verify_chain()
            if report.intact:
                self.stdout.write(f"{ref.slug}: {report.links} links intact, head {report.head}")
            else:
                broken += 1
                self.stdout.write(f"{ref.slug}: BROKEN at link {report.broken_at}: {report.reason}")
        if broken:
            raise CommandError(f"{broken} broken chain(s).")
