"""Schemas by replay equal schemas by migration; upgrades resume; one broken firm stops nobody."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from infra.tenancy.firm_context import as_owner
from tenants.firms.lifecycle import open_firm
from tenants.firms.models import Firm, FirmUpgrade, RecordedMigration, SpareSchema
from tenants.firms.provisioning.recording import firm_migrations, release_hash
from tenants.firms.provisioning.schemas import TEMPLATE_SCHEMA, fingerprint
from tenants.firms.provisioning.spares import build_schema
from tenants.firms.provisioning.upgrades import upgrade_firms
from tests.world import World


def test_a_replayed_schema_equals_the_migrated_template(world: World) -> None:
    schema = build_schema()
    with as_owner():
        assert fingerprint(schema) == fingerprint(TEMPLATE_SCHEMA)


def test_opening_a_firm_takes_a_spare_off_the_shelf(world: World) -> None:
    before = set(SpareSchema.objects.values_list("schema_name", flat=True))
    firm = open_firm(
        name="Delta", slug="delta", country="DE", language="de", owner_email="d@delta.test"
    )
    assert firm.schema_name in before
    assert not SpareSchema.objects.filter(pk=firm.schema_name).exists()
    assert firm.currency == "EUR"
    assert firm.time_zone == "Europe/Berlin"
    assert {d.domain for d in firm.domains.all()} == {
        "delta.portico.localhost",
        "delta.console.portico.localhost",
    }


def test_without_a_spare_the_schema_is_built_at_once(world: World) -> None:
    with as_owner():
        SpareSchema.objects.all().delete()
    firm = open_firm(
        name="Delta", slug="delta", country="DE", language="de", owner_email="d@delta.test"
    )
    with as_owner():
        assert fingerprint(firm.schema_name) == fingerprint(TEMPLATE_SCHEMA)


def _new_migration(statement: str) -> None:
    """Stand in for a new release: one more recorded migration that firms lack."""
    with as_owner():
        RecordedMigration.objects.create(
            app="matters", name="9999_test", position=9999, statements=[statement]
        )


@pytest.fixture
def newer_release(monkeypatch: pytest.MonkeyPatch) -> None:
    order = [*firm_migrations(), ("matters", "9999_test")]
    module = "tenants.firms.provisioning.upgrades"
    monkeypatch.setattr(f"{module}.firm_migrations", lambda: order)
    monkeypatch.setattr(f"{module}.release_hash", lambda: "next")


def _has_column(schema: str) -> bool:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = %s "
            "AND table_name = 'matter' AND column_name = 'colour'",
            [schema],
        )
        return cursor.fetchone() is not None


def test_an_upgrade_reaches_every_firm_and_again_does_nothing(
    world: World, newer_release: None
) -> None:
    _new_migration("ALTER TABLE matter ADD COLUMN colour varchar(9) NOT NULL DEFAULT ''")
    report = upgrade_firms(workers=1)
    assert (len(report.upgraded), report.failed) == (4, {})
    assert all(_has_column(firm.schema_name) for firm in Firm.objects.all())
    again = upgrade_firms(workers=1)
    assert (again.upgraded, again.current) == ([], 4)


def test_one_broken_firm_stays_behind_and_the_run_resumes(
    world: World, newer_release: None
) -> None:
    broken = world.beta.ref.schema
    with as_owner(broken), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE matter ADD COLUMN colour varchar(9)")
    _new_migration("ALTER TABLE matter ADD COLUMN colour varchar(9) NOT NULL DEFAULT ''")
    report = upgrade_firms(workers=1)
    assert len(report.upgraded) == 3
    assert list(report.failed) == [broken]
    with as_owner():
        assert "already exists" in FirmUpgrade.objects.get(schema_name=broken).error
    with as_owner(broken), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE matter DROP COLUMN colour")
    mended = upgrade_firms(workers=1)
    assert (mended.upgraded, mended.failed) == ([broken], {})


@pytest.mark.django_db
def test_the_release_is_the_same_in_every_process() -> None:
    assert release_hash() == release_hash()
    assert len(release_hash()) == 64


@pytest.mark.django_db
def test_migrate_is_refused_with_the_right_command_named() -> None:
    with pytest.raises(CommandError, match="upgrade_firms"):
        call_command("migrate_schemas")
