"""``manage.py upgrade_firms``: bring every firm's schema to the present release; resumable."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.tenancy.firm_context import NoProvisioningLogin, owner_alias
from tenants.firms.provisioning.recording import update_template
from tenants.firms.provisioning.upgrades import upgrade_firms


class Command(BaseCommand):
    """Exits with an error if any firm stayed behind; the ledger names it."""

    help = "Upgrade every firm that is behind. One broken firm does not stop the others."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            owner_alias()
        except NoProvisioningLogin as error:
            raise CommandError(f"{error} See .env.example.") from error
        update_template()
        report = upgrade_firms(workers=options["workers"], report=self.stderr.write)
        self.stdout.write(
            f"{len(report.upgraded)} upgraded, {report.current} current, {len(report.failed)} failed"
        )
        if report.failed:
            raise CommandError("Some firms stayed behind; run the command again after mending.")
