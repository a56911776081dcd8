"""What a statement can do that an attacker has added to: from one firm to another there is no way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.expressions import RawSQL

from infra.tenancy.firm_context import as_owner, in_public
from tenants.people.models import User
from tests.world import World

INJECTED = "1); RESET ROLE; SELECT (1"


def _plain(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT (%s, {text})", ["a"])


def _without_values(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({text})")


def _many(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"SELECT (%s, {text})", [["a"], ["b"]])


def _prepared(text: str) -> None:
    with cast(Any, connection).prepared() as cursor:
        cursor.execute(f"SELECT (%s::text, {text})", ["a"])


def _prepared_without_values(text: str) -> None:
    with cast(Any, connection).prepared() as cursor:
        cursor.execute(f"SELECT ({text})")


def _queryset(text: str) -> None:
    list(User.objects.annotate(more=RawSQL(text, ())))  # noqa: S611


def _iterator(text: str) -> None:
    list(User.objects.annotate(more=RawSQL(text, ())).iterator())  # noqa: S611


def _raw_connection(text: str) -> None:
    connection.ensure_connection()
    connection.connection.execute(f"SELECT ({text})")


WAYS: list[Callable[[str], None]] = [
    _plain,
    _without_values,
    _many,
    _prepared,
    _prepared_without_values,
    _queryset,
    _iterator,
    _raw_connection,
]


def _role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("way", WAYS)
def test_a_second_statement_in_a_text_is_refused(world: World, way: Callable[[str], None]) -> None:
    with world.alpha.inside():
        way("1")
        # psycopg's own error where Django does not stand between.
        with pytest.raises(Exception, match="multiple commands"), transaction.atomic():
            way(INJECTED)
        assert _role() == world.alpha.ref.schema


def test_the_owner_alone_sends_scripts(world: World) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT 1; SELECT 2")
    with in_public(), pytest.raises(DatabaseError, match="multiple commands"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1; SELECT 2")


@pytest.mark.parametrize(
    "expression",
    [
        "set_config('role', '{other}', false)",
        "set_config('role', 'none', false)",
        "set_config('search_path', '{other}', false)",
        "set_config('statement_timeout', '0', false)",
        "query_to_xml('SELECT set_config(''role'', ''{other}'', false)', true, true, '')::text",
        "query_to_xml('SELECT * FROM \"{other}\".person', true, true, '')::text",
        "table_to_xml('\"{other}\".person', true, true, '')::text",
        "(SELECT string_agg(word, '') FROM ts_stat('SELECT to_tsvector(email) FROM \"{other}\".person'))",
        '(SELECT email FROM "{other}".person LIMIT 1)',
        "pg_read_file('/etc/passwd')",
        "(SELECT rolpassword FROM pg_authid LIMIT 1)",
    ],
)
def test_no_expression_in_a_statement_reaches_another_firm(world: World, expression: str) -> None:
    injected = expression.format(other=world.beta.ref.schema)
    with world.alpha.inside():
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 WHERE {injected} <> ''")
        assert _role() == world.alpha.ref.schema


def test_functions_that_run_a_text_run_no_command(world: World) -> None:
    with world.alpha.inside():
        with pytest.raises(DatabaseError, match="not allowed"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT query_to_xml('RESET ROLE', true, true, '')")
        assert _role() == world.alpha.ref.schema


@pytest.mark.parametrize("inside", ["firm", "public"])
def test_nothing_that_sets_a_role_can_be_called_or_made(world: World, inside: str) -> None:
    place = world.alpha.inside() if inside == "firm" else in_public()
    with place, connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE prosrc = 'set_config_by_name'"
            " AND has_function_privilege(oid, 'EXECUTE')"
        )
        assert cursor.fetchall() == []
        for refused in (
            "CREATE TEMPORARY TABLE t (id int)",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE TABLE t (id int)",
            "CREATE SCHEMA s",
            "UPDATE pg_settings SET setting = 'none' WHERE name = 'role'",
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(refused)
