"""``manage.py setup_platform``: everything a new or upgraded installation needs; safe to repeat."""

from __future__ import annotations

from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, transaction

from infra.tenancy.firm_context import NoProvisioningLogin, as_owner, owner_alias
from tenants.firms.provisioning.recording import migrate_public, update_template
from tenants.firms.provisioning.schemas import prepare_public
from tenants.firms.provisioning.spares import fill_shelf
from tenants.firms.provisioning.upgrades import upgrade_firms


class Command(BaseCommand):
    """The serving login's limits, public tables, template, firms' upgrades, spare schemas."""

    help = "Check the logins, migrate the platform, upgrade every firm, build spare schemas."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            alias = owner_alias()
        except NoProvisioningLogin as error:
            raise CommandError(f"{error} See .env.example.") from error
        with as_owner(), transaction.atomic(using=alias):
            prepare_public()
        self.check(tags=[Tags.database], databases=[DEFAULT_DB_ALIAS])
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
