"""``manage.py setup_platform``: everything a new or upgraded installation needs; safe to repeat."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from infra.tenancy.firm_context import as_owner
from tenants.firms.provisioning.recording import migrate_public, update_template
from tenants.firms.provisioning.schemas import prepare_public
from tenants.firms.provisioning.spares import fill_shelf
from tenants.firms.provisioning.upgrades import upgrade_firms


class Command(BaseCommand):
    """Public tables, template, firms' upgrades, spare schemas, in this order."""

    help = "Migrate the platform, upgrade every firm, build spare schemas."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner(), transaction.atomic():
            prepare_public()
        migrate_public()
        ran = update_template()
        report = upgrade_firms(report=self.stderr.write)
        spares = fill_shelf()
        self.stdout.write(
            f"template: {ran} migrations; firms: {len(report.upgraded)} upgraded, "
            f"{report.current} current, {len(report.failed)} failed; spares built: {spares}"
        )
        if report.failed:
            raise CommandError(f"{len(report.failed)} firm(s) could not be upgraded.")
