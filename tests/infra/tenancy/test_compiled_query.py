"""Kept statements answer like the querysets they were made of, for everybody and every firm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from billing.invoices.models import Invoice
from billing.invoices.policy import can_pay
from billing.invoices.selectors import (
    InvoiceQuery,
    InvoiceUnknown,
    balances,
    find_invoices,
    list_invoices,
)
from billing.payments.invoice_detail import read_sheet
from billing.payments.selectors import payment_standing
from infra.tenancy.database.fast import compiled_query as shapes
from infra.tenancy.firm_context import as_owner
from tenants.people.models import Contact, User
from tests.world import FirmWorld, World

QUERIES = [
    InvoiceQuery(),
    InvoiceQuery(status=("overdue",), ordering="due_date"),
    InvoiceQuery(status=("open", "partially_paid", "overdue"), ordering="-balance"),
]


def _same_twice(firm: FirmWorld, word: str) -> None:
    person = firm.people[word]
    with firm.inside():
        for query in QUERIES:
            expected = list(find_invoices(person, query).values_list("pk", flat=True))
            for _turn in range(2):
                found = list_invoices(person, query, page_size=200)
                assert [row.id for row in found.rows] == expected
                assert found.count == len(expected)


@pytest.mark.parametrize("word", ["owner", "attorney", "assistant", "ada", "bob"])
def test_everybody_gets_their_own_rows_from_the_same_statement(world: World, word: str) -> None:
    for firm in (world.alpha, world.beta, world.alpha):
        _same_twice(firm, word)


def test_an_ended_contact_gets_nothing_from_a_kept_statement(world: World) -> None:
    ada = world.alpha.people["ada"]
    with world.alpha.inside():
        row = list_invoices(ada, InvoiceQuery()).rows[0]
        assert read_sheet(ada, row.id).id == row.id
        assert balances(ada)
        yesterday = timezone.localdate() - timedelta(days=1)
        Contact.objects.filter(user=ada).update(ends_on=yesterday)
        assert list_invoices(ada, InvoiceQuery()).rows == []
        assert balances(ada) == []
        with pytest.raises(InvoiceUnknown):
            read_sheet(ada, row.id)


def test_nobody_and_the_inactive_get_nothing(world: World) -> None:
    gone = User(email="x@y.test", name="X", kind="client", is_active=False)
    with world.alpha.inside():
        assert list_invoices(gone, InvoiceQuery()).rows == []
        assert balances(gone) == []
        with pytest.raises(InvoiceUnknown):
            read_sheet(gone, world.alpha.invoice().pk)


@pytest.mark.parametrize("word", ["owner", "ada", "bob"])
def test_whom_a_person_pays_for_is_what_the_policy_says(world: World, word: str) -> None:
    for firm in (world.alpha, world.beta, world.alpha):
        person = firm.people[word]
        with firm.inside():
            invoices = list(Invoice.objects.filter(shared_at__isnull=False))
            payable = payment_standing(person).payable_clients
            for invoice in invoices:
                assert (invoice.client_id in payable) == can_pay(person, invoice)
            Contact.objects.filter(user=person).update(may_pay=False)
            assert payment_standing(person).payable_clients == frozenset()


def test_a_sheet_says_what_the_invoice_says(world: World) -> None:
    with world.alpha.inside():
        invoice: Invoice = world.alpha.invoice()
        sheet = read_sheet(world.alpha.people["owner"], invoice.pk)
        assert (sheet.total, sheet.balance) == (invoice.total, invoice.balance)
        assert [(line.position, line.quantity, line.amount) for line in sheet.lines] == list(
            invoice.lines.order_by("position").values_list("position", "quantity", "amount")
        )
        assert [(part.rate, part.amount) for part in sheet.vat] == list(
            invoice.vat.values_list("rate", "amount")
        )
        assert "secret-note" not in repr(sheet)


def test_a_shape_may_ask_of_a_person_only_what_its_key_holds(world: World) -> None:
    reader = shapes.reader_like(world.alpha.people["ada"])
    assert reader is not None
    assert reader == shapes.ReaderStandIn("client", "", True)
    with pytest.raises(AttributeError):
        reader.email  # type: ignore[attr-defined]  # noqa: B018


def test_a_statement_that_holds_a_moment_is_refused(world: World) -> None:
    def build() -> Any:
        return Invoice.objects.filter(created_at__lt=timezone.now()).values_list("pk")

    with world.alpha.inside(), pytest.raises(TypeError, match="moment"):
        shapes.rows("moment", build, {})


def test_a_kept_plan_survives_an_upgrade_that_changes_a_column(committed_world: World) -> None:
    alpha = committed_world.alpha
    ada = alpha.people["ada"]
    with alpha.inside():
        # Often enough to be prepared.
        before = [list_invoices(ada, InvoiceQuery()).rows for _turn in range(4)][-1]
    with as_owner(alpha.ref.schema), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE invoice ALTER COLUMN subject TYPE varchar(250)")
    with alpha.inside():
        assert list_invoices(ada, InvoiceQuery()).rows == before
