"""Bring every firm's schema to the present release: resumable, one broken firm stops nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import transaction
from django.db.migrations.executor import MigrationExecutor

from infra.tenancy.firm_context import as_owner, owner_alias, owner_connection
from tenants.firms.models import Firm, FirmUpgrade, RecordedMigration
from tenants.firms.provisioning.recording import firm_migrations, release_hash
from tenants.firms.provisioning.spares import applied_row

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
    with owner_connection().cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}


def _replay(missing: list[tuple[str, str]], recorded: Recorded) -> None:
    """All missing migrations of one schema, each in its own short transaction: one message each."""
    for key in missing:
        script = ["SET LOCAL lock_timeout = '3s'", *recorded[key].statements, applied_row(*key)]
        with transaction.atomic(using=owner_alias()), owner_connection().cursor() as cursor:
            cursor.execute(";\n".join(script))


def _migrate_by_django(missing: list[tuple[str, str]]) -> None:
    """Python migrations need Django itself; slower, one firm at a time."""
    executor = MigrationExecutor(owner_connection())
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


# One message a firm: a new row, or what this attempt adds to the old one.
_NOTE = """
    INSERT INTO firm_upgrade (schema_name, release, attempts, error, updated_at)
    VALUES (%(schema)s, %(release)s, 1, %(error)s, now())
    ON CONFLICT (schema_name) DO UPDATE SET
        attempts = firm_upgrade.attempts + 1, error = excluded.error, updated_at = now(),
        release = CASE WHEN excluded.error = '' THEN excluded.release ELSE firm_upgrade.release END
"""


def _note(schema: str, release: str, error: str = "") -> None:
    row = {"schema": schema, "release": "" if error else release, "error": error[:2000]}
    with as_owner(), owner_connection().cursor() as cursor:
        cursor.execute(_NOTE, row)


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
                owner_connection().close()

    if workers > 1 and len(behind) > 1:
        with ThreadPoolExecutor(max_workers=workers) as pool:
            list(pool.map(one, behind))
    else:
        for schema in behind:
            one(schema)
    return result
