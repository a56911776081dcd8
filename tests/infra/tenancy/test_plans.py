"""Each firm has plans of its own for the hot statements, and a plan opens no door."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django.db import connection

from billing.invoices.selectors import InvoiceQuery, list_invoices
from infra.tenancy.firm_context import in_public
from tests.world import FirmWorld, World

ENOUGH = 4


def _keys(firm: FirmWorld) -> list[str]:
    return [str(row.id) for row in list_invoices(firm.people["owner"], InvoiceQuery()).rows]


def _plans() -> list[tuple[str, str]]:
    """Name and text of what the present connection has prepared of the list's statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, statement FROM pg_prepared_statements WHERE statement LIKE %s"
            " ORDER BY prepare_time",
            ['%FROM "invoice"%'],
        )
        return cursor.fetchall()


def _asked(firm: FirmWorld) -> list[str]:
    with firm.inside():
        return [_keys(firm) for _turn in range(ENOUGH)][-1]


def test_each_firm_has_a_plan_of_its_own(world: World) -> None:
    firms = (world.alpha, world.beta)
    for firm in (*firms, *firms):
        _asked(firm)
    with world.alpha.inside():
        begins = [text.partition("SELECT")[0] for _name, text in _plans()]
    assert begins == [f"/* {firm.ref.schema} */ " for firm in firms]


def test_a_firm_that_comes_by_once_takes_no_plan(world: World) -> None:
    with world.alpha.inside():
        _keys(world.alpha)
        assert _plans() == []


def test_a_plan_of_one_firm_reads_the_rows_of_the_firm_that_runs_it(world: World) -> None:
    """Even past psycopg: the path and the role decide on every use, not the plan."""
    statement = 'SELECT "id" FROM "invoice" WHERE "number" <> %s ORDER BY "id"'

    def found(firm: FirmWorld) -> list[Any]:
        with firm.inside(), cast(Any, connection).prepared() as cursor:
            for _turn in range(ENOUGH):
                cursor.execute(statement, [""])
            return cast(list[Any], cursor.fetchall())

    of_alpha, of_beta = found(world.alpha), found(world.beta)
    assert of_alpha != of_beta
    with world.beta.inside(), connection.cursor() as cursor:
        (plan,) = (name for name, text in _plans() if world.alpha.ref.schema in text)
        cursor.execute(f"EXECUTE {plan} ('')")
        assert cursor.fetchall() == of_beta
    with in_public(), connection.cursor() as cursor:
        with pytest.raises(Exception, match="does not exist"):
            cursor.execute(f"EXECUTE {plan} ('')")


def test_more_firms_than_plans_get_the_right_rows(world: World) -> None:
    with world.alpha.inside():
        cast(Any, connection).ensure_connection()
        connection.connection.prepared_max = 1
    expected = {firm.ref.schema: _asked(firm) for firm in (world.alpha, world.beta)}
    assert len(set(map(str, expected.values()))) == 2
    for firm in (world.alpha, world.beta) * 3:
        assert _asked(firm) == expected[firm.ref.schema]


@pytest.mark.parametrize(
    "name", ["x */ SELECT 1 /*", 'x"; RESET ROLE; --', "x%s", "x\n", "", "pg catalog"]
)
def test_what_is_no_schemas_name_reaches_no_statement(world: World, name: str) -> None:
    wrapper = cast(Any, connection)
    before = wrapper.schema_name
    wrapper.schema_name = name
    try:
        with pytest.raises(ValueError, match="not a schema name"):
            wrapper.prepared()
    finally:
        wrapper.schema_name = before
