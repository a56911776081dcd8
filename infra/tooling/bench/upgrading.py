"""One added column in every firm: our runner beside django-tenants' own, on the same firms."""

from __future__ import annotations

import importlib.util
import io
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import override_settings
from django_tenants.migration_executors.standard import StandardExecutor

from infra.tenancy.firm_context import as_owner
from tenants.firms.models import Firm, FirmUpgrade, RecordedMigration
from tenants.firms.provisioning import upgrades
from tenants.firms.provisioning.recording import firm_migrations, release_hash

COLUMN = "ALTER TABLE matter ADD COLUMN bench_{} varchar(9) NOT NULL DEFAULT ''"
FOLDER = "bench_matters_migrations"
MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matters", "{last}")]
    operations = [
        migrations.AddField("matter", "bench_theirs", models.CharField(max_length=9, default=""))
    ]
"""


def ours(count: int | None) -> tuple[int, int, float]:
    """Upgraded, failed, seconds: the first ``count`` firms (all if None) lack one migration."""
    label = str(count or "all")
    with as_owner():
        schemas = list(Firm.objects.order_by("created_at").values_list("schema_name", flat=True))
        RecordedMigration.objects.create(
            app="matters",
            name=f"9999_bench_{label}",
            position=9999,
            statements=[COLUMN.format(label)],
        )
        behind = schemas[:count]
        FirmUpgrade.objects.exclude(schema_name__in=behind).update(release=f"bench {label}")
    order = [*firm_migrations(), ("matters", f"9999_bench_{label}")]
    usual = (firm_migrations, release_hash)
    # Stands in for a newer release, whose code would hold one migration more.
    setattr(upgrades, "firm_migrations", lambda: order)  # noqa: B010
    setattr(upgrades, "release_hash", lambda: f"bench {label}")  # noqa: B010
    try:
        started = time.perf_counter()
        report = upgrades.upgrade_firms(workers=2)
        seconds = time.perf_counter() - started
    finally:
        setattr(upgrades, "firm_migrations", usual[0])  # noqa: B010
        setattr(upgrades, "release_hash", usual[1])  # noqa: B010
        connection.close()
    return len(report.upgraded), len(report.failed), seconds


@contextmanager
def _newer_release() -> Iterator[None]:
    """The matters' migrations with one more, in a package of their own."""
    spec = importlib.util.find_spec("tenants.matters.migrations")
    assert spec is not None  # noqa: S101
    assert spec.submodule_search_locations is not None  # noqa: S101
    source = Path(next(iter(spec.submodule_search_locations)))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / FOLDER
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        last = max(file.stem for file in target.glob("[0-9]*.py"))
        (target / "9999_bench_theirs.py").write_text(MIGRATION.format(last=last))
        sys.path.insert(0, folder)
        try:
            with override_settings(MIGRATION_MODULES={"matters": FOLDER}):
                yield
        finally:
            sys.path.remove(folder)


def theirs(count: int | None) -> float:
    """Seconds of ``migrate_schemas``' standard executor for the same ``count`` firms (None: all)."""
    with as_owner():
        schemas = list(
            Firm.objects.order_by("created_at").values_list("schema_name", flat=True)[:count]
        )
    options = {
        "app_label": None,
        "migration_name": None,
        "database": "default",
        "interactive": False,
        "verbosity": 0,
        "fake": False,
        "fake_initial": False,
        "plan": False,
        "check_unapplied": False,
        "run_syncdb": False,
        "prune": False,
        "skip_checks": True,
        "no_color": True,
        "force_color": False,
    }
    with _newer_release(), as_owner(), redirect_stdout(io.StringIO()):
        started = time.perf_counter()
        StandardExecutor([], options).run_migrations(list(schemas))
        seconds = time.perf_counter() - started
    with as_owner(schemas[-1]), connection.cursor() as cursor:
        cursor.execute("SELECT bench_theirs FROM matter LIMIT 0")
    connection.close()
    return seconds


def upgrading(sizes: tuple[int, ...] = (20, 50)) -> list[dict[str, Any]]:
    """A row for each number of firms, and one for all of them."""
    rows = []
    for count in (*sizes, None):
        upgraded, failed, seconds = ours(count)
        each = seconds / max(upgraded, 1) * 1000
        other = theirs(count) / max(upgraded, 1) * 1000
        rows.append(
            {
                "firms": upgraded,
                "failed": failed,
                "seconds": round(seconds, 2),
                "ms a firm": round(each, 1),
                "migrate_schemas, ms a firm": round(other),
                "times faster": round(other / each),
            }
        )
        # The next size has other firms behind, and the same firms lack the column of theirs.
        _without_column()
    return rows


def _without_column() -> None:
    with as_owner():
        schemas = list(Firm.objects.values_list("schema_name", flat=True))
    for schema in schemas:
        with as_owner(schema), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE matter DROP COLUMN IF EXISTS bench_theirs")
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_bench_theirs'")
