"""The database itself keeps firms apart."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from infra.tenancy.firm_context import (
    NoFirm,
    active_firm,
    as_owner,
    current_firm,
    in_firm,
    in_public,
)
from tenants.firms.models import Firm
from tenants.people.models import User
from tests.world import World


def test_a_firm_sees_its_own_people_only(world: World) -> None:
    with world.alpha.inside():
        assert User.objects.filter(email="owner@alpha.test").exists()
        assert not User.objects.filter(email="owner@beta.test").exists()


def test_another_schema_is_permission_denied_even_by_name(world: World) -> None:
    with world.alpha.inside(), pytest.raises(DatabaseError, match="permission denied"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{world.beta.ref.schema}".person')


def test_public_tables_are_not_reachable_from_a_firm(world: World) -> None:
    with world.alpha.inside(), pytest.raises(DatabaseError), transaction.atomic():
        list(Firm.objects.all())


def test_firms_tables_are_not_reachable_from_public(world: World) -> None:
    with in_public(), pytest.raises(DatabaseError), transaction.atomic():
        list(User.objects.all())


def test_a_missing_schema_fails_instead_of_falling_through(world: World) -> None:
    from dataclasses import replace

    ghost = replace(world.alpha.ref, schema="t_notthere0000")
    with in_firm(ghost), pytest.raises(DatabaseError), transaction.atomic():
        User.objects.count()


def test_the_application_never_acts_as_a_superuser(world: World) -> None:
    with world.alpha.inside(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_schema()")
        assert cursor.fetchone() == (world.alpha.ref.schema, world.alpha.ref.schema)
    with in_public(), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        assert cursor.fetchone() == (False,)


def test_the_firm_is_restored_after_an_error(world: World) -> None:
    with pytest.raises(ZeroDivisionError), world.alpha.inside():
        raise ZeroDivisionError
    assert active_firm() is None
    with pytest.raises(NoFirm):
        current_firm()


def test_a_rolled_back_transaction_does_not_leave_the_firm(world: World) -> None:
    with world.alpha.inside():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with world.beta.inside():
                assert User.objects.filter(email="owner@beta.test").exists()
            raise ZeroDivisionError
        assert User.objects.filter(email="owner@alpha.test").exists()
        with world.beta.inside():
            assert User.objects.filter(email="owner@beta.test").exists()
        assert not User.objects.filter(email="owner@beta.test").exists()


def test_threads_keep_their_own_firm(committed_world: World) -> None:
    firms = [committed_world.alpha, committed_world.beta, committed_world.gamma]
    wrong: list[str] = []
    barrier = threading.Barrier(6)

    def work(number: int) -> None:
        firm = firms[number % 3]
        try:
            barrier.wait(timeout=20)
            for _turn in range(40):
                with firm.inside():
                    found = set(User.objects.values_list("email", flat=True))
                    if not all(email.endswith(f"@{firm.ref.slug}.test") for email in found):
                        wrong.append(firm.ref.slug)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_owner_mode_is_left_again(world: World) -> None:
    with world.alpha.inside():
        with as_owner():
            assert Firm.objects.count() == 4
        with pytest.raises(DatabaseError), transaction.atomic():
            list(Firm.objects.all())
