"""Bring every firm's schema to the present release: resumable, one broken firm stops nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from infra.common.firm_context import as_owner
from tenants.firms.models import Firm, FirmUpgrade, RecordedMigration
from tenants.firms.provisioning.recording import firm_migrations, release_hash
from tenants.firms.provisioning.spares import mark_applied

logger = logging.getLogger(__name__)

Report = Callable[[str], None]
Recorded = dict[tuple[str, str], RecordedMigration]


@dataclass(slots=True)
class UpgradeReport:
    """What an upgrade did: schemas upgraded, already current, and failed with their reason."""

    upgraded: list[str] = field(default_factory=list)
    current: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def _applied() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}


def _replay(missing: list[tuple[str, str]], recorded: Recorded) -> None:
    """All missing migrations of one schema, each in its own short transaction."""
    for key in missing:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
            statements = recorded[key].statements
            if statements:
                cursor.execute(";\n".join(statements))
            mark_applied([key])


def _migrate_by_django(missing: list[tuple[str, str]]) -> None:
    """Python migrations need Django itself; slower, one firm at a time."""
    executor = MigrationExecutor(connection)
    executor.migrate(missing)


def upgrade_schema(schema: str, order: list[tuple[str, str]], recorded: Recorded) -> bool:
    """Bring one schema to the present release; returns whether there was anything to do."""
    with as_owner(schema):
        applied = _applied()
        missing = [key for key in order if key not in applied]
        if not missing:
            return False
        if any(recorded[key].has_python for key in missing):
            _migrate_by_django(missing)
        else:
            _replay(missing, recorded)
    return True


def _note(schema: str, release: str, error: str = "") -> None:
    with as_owner(), transaction.atomic():
        entry, _made = FirmUpgrade.objects.select_for_update().get_or_create(
            schema_name=schema, defaults={"release": "" if error else release}
        )
        entry.attempts += 1
        entry.error = error[:2000]
        if not error:
            entry.release = release
        entry.save()


def upgrade_firms(*, workers: int = 2, report: Report = lambda line: None) -> UpgradeReport:
    """Upgrade every firm that is behind. Run it again after a failure: it goes on where it stopped.

    The ledger says in one query who is behind; each such schema replays what it lacks
    under a short lock time-out, so that running requests never queue behind it for long.
    """
    release = release_hash()
    order = firm_migrations()
    with as_owner():
        recorded = {(row.app, row.name): row for row in RecordedMigration.objects.all()}
        done = set(
            FirmUpgrade.objects.filter(release=release, error="").values_list(
                "schema_name", flat=True
            )
        )
        schemas = list(Firm.objects.order_by("created_at").values_list("schema_name", flat=True))
    behind = [schema for schema in schemas if schema not in done]
    result = UpgradeReport(current=len(schemas) - len(behind))

    def one(schema: str) -> None:
        try:
            upgrade_schema(schema, order, recorded)
        except Exception as error:
            logger.exception("upgrade failed")
            _note(schema, release, f"{type(error).__name__}: {error}")
            result.failed[schema] = str(error)
            report(f"{schema}: {error}")
        else:
            _note(schema, release)
            result.upgraded.append(schema)
        finally:
            if workers > 1:
                connection.close()

    if workers > 1 and len(behind) > 1:
        with ThreadPoolExecutor(max_workers=workers) as pool:
            list(pool.map(one, behind))
    else:
        for schema in behind:
            one(schema)
    return result
