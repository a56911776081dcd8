"""One login serves, the other provisions: on connections of their own, as in production."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest
from django.core.checks import Error, Warning
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from infra.tenancy.database.serving_login import can_set_config, excess_rights
from infra.tenancy.firm_context import NoProvisioningLogin, as_owner, in_public
from infra.tenancy.signing import token_hash
from tenants.firms import checks
from tenants.firms.lifecycle import open_firm
from tenants.firms.models import Firm, FirmUpgrade, SignUp, SpareSchema
from tenants.firms.provisioning.schemas import TEMPLATE_SCHEMA, fingerprint
from tenants.firms.provisioning.spares import NoSpareSchema, fill_shelf
from tenants.firms.provisioning.upgrades import upgrade_firms
from tenants.firms.sign_up import confirm_sign_up_firm, request_sign_up
from tenants.firms.sweep import firms_where
from tests.world import World


@pytest.fixture
def two_connections(settings: Any) -> None:
    settings.PROVISIONING_ALIAS = "provisioning"


def _open() -> Firm:
    return open_firm(
        name="Delta", slug="delta", country="DE", language="de", owner_email="d@delta.test"
    )


def _spares() -> int:
    return SpareSchema.objects.count()


def test_the_owner_works_on_a_connection_of_its_own(
    committed_world: World, two_connections: None
) -> None:
    users = []
    with committed_world.alpha.inside():
        with as_owner():
            assert Firm.objects.all().db == "provisioning"
            for wrapper in (connections["provisioning"], connection):
                with wrapper.cursor() as cursor:
                    cursor.execute("SELECT session_user, current_user")
                    users.append(cursor.fetchone())
            with in_public():
                assert Firm.objects.all().db == "default"
    owner = connections["provisioning"].settings_dict["USER"]
    serving, alpha = connection.settings_dict["USER"], committed_world.alpha.ref.schema
    assert users == [(owner, owner), (serving, alpha)]
    assert Firm.objects.all().db == "default"


def test_firms_are_provisioned_swept_and_upgraded_with_the_second_login(
    committed_world: World, two_connections: None
) -> None:
    SpareSchema.objects.all().delete()
    assert fill_shelf() == 2
    firms = [_open(), *Firm.objects.filter(slug="alpha")]
    assert _spares() == 1
    with as_owner():
        assert {fingerprint(firm.schema_name) for firm in firms} == {fingerprint(TEMPLATE_SCHEMA)}
    with in_public():
        assert str(firms[0].pk) in firms_where("EXISTS (SELECT FROM {firm}.django_migrations)")
    FirmUpgrade.objects.update(release="older")
    assert len(upgrade_firms(workers=2).upgraded) == 5
    call_command("setup_platform", verbosity=0)


def test_a_spare_built_for_an_opening_that_fails_stays_on_the_shelf(
    committed_world: World, two_connections: None
) -> None:
    SpareSchema.objects.all().delete()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _open()
        raise ZeroDivisionError
    assert _spares() == 1
    assert not Firm.objects.filter(slug="delta").exists()


@pytest.fixture
def no_owner(settings: Any) -> None:
    settings.PROVISIONING_ALIAS = "not configured"


def test_a_process_without_the_second_login_takes_spares_but_builds_none(
    world: World, no_owner: None
) -> None:
    before = _spares()
    assert _open().slug == "delta"
    assert _spares() == before - 1
    SpareSchema.objects.all().delete()
    firms = Firm.objects.count()
    with pytest.raises(NoSpareSchema), transaction.atomic():
        open_firm(name="E", slug="epsilon", country="DE", language="de", owner_email="e@e.test")
    assert Firm.objects.count() == firms
    with pytest.raises(NoProvisioningLogin), as_owner():
        pass
    for command in ("setup_platform", "upgrade_firms"):
        with pytest.raises(CommandError, match="PROVISIONING_DATABASE_URL is not set"):
            call_command(command)


def test_a_sign_up_without_a_spare_asks_the_worker_for_one_and_can_be_confirmed_later(
    world: World, no_owner: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    asked = []
    monkeypatch.setattr(
        "tenants.firms.sign_up.enqueue_best_effort", lambda task, **_kwargs: asked.append(task.name)
    )
    sign_up = request_sign_up(
        firm_name="Delta",
        slug="delta",
        country="DE",
        language="de",
        owner_name="D",
        owner_email="d@delta.test",
    )
    SignUp.objects.filter(pk=sign_up.pk).update(token_hash=token_hash("secret"))
    SpareSchema.objects.all().delete()
    with pytest.raises(NoSpareSchema):
        confirm_sign_up_firm(token="secret")
    assert asked == ["tenants.firms.tasks.keep_spare_schemas"]
    assert not Firm.objects.filter(slug="delta").exists()
    settings.PROVISIONING_ALIAS = "default"
    fill_shelf()
    assert confirm_sign_up_firm(token="secret")[2]


# What the serving login may do


def test_the_serving_login_has_no_right_that_it_does_not_need(world: World) -> None:
    # Tests alone let it become the owner; without that see test_embedded_servers.py.
    serving, owner = (
        connections[alias].settings_dict["USER"] for alias in ("default", "provisioning")
    )
    assert excess_rights(connection) == [f"{serving} may become {owner}."]
    assert not can_set_config(connection)


def test_rights_beyond_its_work_are_named(world: World) -> None:
    owner = connections["provisioning"].settings_dict
    with psycopg.connect(
        host=owner["HOST"],
        port=owner["PORT"],
        user=owner["USER"],
        password=owner["PASSWORD"],
        dbname=owner["NAME"],
    ) as login:
        found = excess_rights(login)
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"]) as login:
        found += excess_rights(login)
    for words in ("has CREATEROLE", "has CREATEDB", "owns a schema", "temporary tables"):
        assert any(words in fault for fault in found), (words, found)


def test_in_production_such_a_login_is_refused_before_anything_is_migrated(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = checks.serving_login_is_limited(None, databases=["default"])
    assert {type(each) for each in found} == {Warning}
    settings.DEPLOYMENT = "production"
    found = checks.serving_login_is_limited(None, databases=["default"])
    assert {type(each) for each in found} == {Error}
    assert "portico.E007" in [each.id for each in found]
    monkeypatch.setattr(
        "tenants.firms.management.commands.setup_platform.migrate_public",
        lambda: pytest.fail("it went on"),
    )
    with pytest.raises(CommandError, match="may become"):
        call_command("setup_platform")


def test_a_server_that_is_too_old_is_refused_in_production(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEPLOYMENT = "production"
    monkeypatch.setattr(checks, "is_too_old", lambda _connection: True)
    found = checks.serving_login_is_limited(None, databases=["default"])
    assert found[0].id == "portico.E006"
    assert "PostgreSQL 16 or newer" in found[0].msg


def test_that_everybody_may_call_set_config_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "can_set_config", lambda _connection: True)
    found = checks.serving_login_is_limited(None, databases=["default"])
    assert found[-1].id == "portico.W008"
    assert "REVOKE EXECUTE" in str(found[-1].hint)
