"""Invoices that another system issued come in as they stand there, through the state machine."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.exchange.services import preview_import, run_import
from billing.invoices.models import Invoice, InvoiceLine, InvoiceTransition
from billing.invoices.services.drafting import LineDraft, UnusableLines
from billing.invoices.services.issuing import void_invoice
from billing.invoices.services.registering import (
    IssuedInvoice,
    NumberTaken,
    register_issued_invoices,
)
from billing.payments.history import invoice_history
from billing.payments.integrity_checks import book_errors
from infra.common.errors import Invalid, NotAllowed
from tenants.firms.permissions import Permission
from tests.billing.exchange.test_import_bills import NAMES
from tests.world import FirmWorld, World


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _line(amount: str, kind: str = "fixed_fee", **more: object) -> LineDraft:
    given = {"amount": Decimal(amount), "vat_rate": Decimal(21), **more}
    return LineDraft(kind=kind, description="Advice", **given)  # type: ignore[arg-type]


def _issued(alpha: FirmWorld, number: str, *lines: LineDraft) -> IssuedInvoice:
    return IssuedInvoice(
        client=alpha.client(),
        number=number,
        currency="EUR",
        issue_date=date(2026, 9, 30),
        lines=lines,
    )


def _register(alpha: FirmWorld, *invoices: IssuedInvoice, by: str = "billing") -> Sequence[Invoice]:
    return register_issued_invoices(invoices=invoices, import_id=uuid4(), by=alpha.people[by])


def _moves(number: str) -> list[tuple[str, str, str]]:
    found = InvoiceTransition.objects.filter(invoice__number=number)
    return [(move.from_status, move.to_status, move.reason) for move in found]


def test_they_are_written_with_lines_vat_and_terms(alpha: FirmWorld) -> None:
    with alpha.inside():
        _register(alpha, _issued(alpha, "X-1", _line("100"), _line("-10", "discount")))
        made = Invoice.objects.get(number="X-1")
        assert (made.net_total, made.vat_total, made.total) == (
            Decimal("90.00"),
            Decimal("18.90"),
            Decimal("108.90"),
        )
        assert (made.status, made.source, made.due_date) == ("open", "import", date(2026, 10, 30))
        assert made.series is None
        assert [(vat.rate, vat.base) for vat in made.vat.all()] == [(Decimal(21), Decimal(90))]
        assert _moves("X-1") == [("draft", "open", "import")]
        assert book_errors() == []


def test_one_that_asks_for_nothing_is_opened_and_paid(alpha: FirmWorld) -> None:
    with alpha.inside():
        (made,) = _register(alpha, _issued(alpha, "X-0", _line("50"), _line("-50")))
        assert made.status == "paid"
        assert _moves("X-0") == [("draft", "open", "import"), ("open", "paid", "")]
        told = [(entry.kind, entry.state, entry.reason) for entry in invoice_history(made)]
        assert told == [("imported", "", ""), ("moved", "paid", "")]
        assert book_errors() == []


def test_what_a_line_states_counts_and_is_not_computed_anew(alpha: FirmWorld) -> None:
    # 3 × 33.335 = 100.005: either cent is right, and the file says which.
    line = _line("100.00", "time", quantity=Decimal(3), unit_price=Decimal("33.335"))
    with alpha.inside():
        _register(alpha, _issued(alpha, "X-2", line))
        assert Invoice.objects.get(number="X-2").net_total == Decimal("100.00")


@pytest.mark.parametrize("numbers", [["X-1", "X-1"], ["X-1", "2026-0001"]])
def test_refuses_numbers_that_are_taken_and_writes_nothing(
    alpha: FirmWorld, numbers: list[str]
) -> None:
    with alpha.inside():
        before = Invoice.objects.count()
        with pytest.raises(NumberTaken):
            _register(alpha, *(_issued(alpha, number, _line("1")) for number in numbers))
        assert Invoice.objects.count() == before
        assert not InvoiceTransition.objects.filter(reason="import").exists()


@pytest.mark.parametrize("role", ["attorney", "assistant", "ada"])
def test_refuses_people_who_do_not_manage_bills(alpha: FirmWorld, role: str) -> None:
    with alpha.inside():
        with pytest.raises(NotAllowed):
            _register(alpha, _issued(alpha, "X-1", _line("1")), by=role)
        assert not Invoice.objects.filter(number="X-1").exists()


UNSOUND: list[tuple[str, Callable[[FirmWorld], dict[str, Any]]]] = [
    ("currency", lambda alpha: {"currency": "XXQ"}),
    ("matter", lambda alpha: {"matter": alpha.client(2).matters.get()}),
    (
        "period_end",
        lambda alpha: {"period_start": date(2026, 9, 2), "period_end": date(2026, 9, 1)},
    ),
    ("lines", lambda alpha: {"lines": []}),
    ("lines", lambda alpha: {"lines": [_line("999999999999.99")] * 2}),
    (
        "lines[1].unit_price",
        lambda alpha: {"lines": [_line("1"), replace(_line("1"), amount=None)]},
    ),
    ("lines[1].amount", lambda alpha: {"lines": [_line("1"), _line("1.005")]}),
    ("lines[0].amount", lambda alpha: {"lines": [_line("1.50")], "currency": "JPY"}),
    ("lines[0].unit_price", lambda alpha: {"lines": [_line("1000000000000")]}),
    ("lines[0].vat_rate", lambda alpha: {"lines": [_line("1", "disbursement")]}),
]


@pytest.mark.parametrize(("field", "change"), UNSOUND)
def test_refuses_what_no_draft_could_be_names_the_bill_and_writes_nothing(
    alpha: FirmWorld, field: str, change: Callable[[FirmWorld], dict[str, Any]]
) -> None:
    with alpha.inside():
        sound = _issued(alpha, "X-1", _line("1"))
        broken = replace(_issued(alpha, "X-2", _line("1")), **change(alpha))
        with pytest.raises(Invalid) as refusal:
            _register(alpha, sound, broken)
        assert list(refusal.value.fields) == [f"invoices[X-2].{field}"]
        assert isinstance(refusal.value, UnusableLines) == field.startswith("lines")
        assert not Invoice.objects.filter(number__startswith="X-").exists()


def test_a_disbursement_outside_vat_and_a_matter_of_the_client_are_taken(alpha: FirmWorld) -> None:
    with alpha.inside():
        line = _line("1", "disbursement", vat_rate=None)
        matter = alpha.client().matters.get()
        (made,) = _register(alpha, replace(_issued(alpha, "X-1", line), matter=matter))
        assert (made.total, made.matter) == (Decimal(1), matter)


def test_many_bills_take_no_more_queries_than_few(alpha: FirmWorld) -> None:
    with alpha.inside():
        matter = alpha.client().matters.get()
        counts = []
        # The first one makes the series that imports lock.
        _register(alpha, _issued(alpha, "X-0", _line("1")))
        for count in (1, 20):
            bills = [
                replace(_issued(alpha, f"X-{count}-{number}", _line("1")), matter=matter)
                for number in range(count)
            ]
            with CaptureQueriesContext(connection) as captured:
                _register(alpha, *bills)
            counts.append(len(captured))
        assert counts[0] == counts[1]


def test_refuses_a_person_who_may_bill_but_not_one_of_these_clients(alpha: FirmWorld) -> None:
    with alpha.inside():
        first = alpha.client(1).pk
        asked: list[object] = []

        def may(permission: str, *, client_id: object = None) -> bool:
            asked.append(client_id)
            return permission == Permission.MANAGE_BILLS and client_id in (None, first)

        someone: Any = SimpleNamespace(may=may)
        other = replace(_issued(alpha, "X-2", _line("1")), client=alpha.client(2))
        with pytest.raises(NotAllowed):
            register_issued_invoices(
                invoices=[_issued(alpha, "X-1", _line("1")), other],
                import_id=uuid4(),
                by=someone,
            )
        assert alpha.client(2).pk in asked
        assert not Invoice.objects.filter(number__startswith="X-").exists()


def test_a_void_keeps_its_reason_also_where_it_is_the_word_import(alpha: FirmWorld) -> None:
    with alpha.inside():
        owner = alpha.people["owner"]
        (imported,) = _register(alpha, _issued(alpha, "X-1", _line("1")))
        for invoice in (imported, alpha.invoice(2)):
            void_invoice(invoice=invoice, reason="import", by=owner)
            last = invoice_history(invoice)[-1]
            assert (last.kind, last.state, last.reason) == ("moved", "void", "import")
        assert "imported" not in {entry.kind for entry in invoice_history(alpha.invoice(2))}


def test_the_negative_adjustment_of_a_ledes_file_stays_one(alpha: FirmWorld) -> None:
    head = "20260930|L-9|C1|M1|900|20260901|20260930|September"
    rows = [
        f"{head}|1|F|10|0|1000|20260915|L110||A102|TK1|Advice|24-1|100|Doe, Jane|PARTNR|X[]",
        f"{head}|2|IF|1|-100|-100|20260915|||||Courtesy|24-1||||X[]",
    ]
    file = io.BytesIO("\r\n".join(["LEDES1998B[]", NAMES, *rows]).encode())
    owner = alpha.people["owner"]
    with alpha.inside():
        run = preview_import(file=file, file_name="a.txt", form="ledes1998b", by=owner)
        run_import(run=run, by=owner)
        assert Invoice.objects.get(number="L-9").total == Decimal("900.00")
        line = InvoiceLine.objects.get(invoice__number="L-9", position=2)
        assert (line.kind, line.adjustment, line.amount) == (
            "discount",
            Decimal("-100.00"),
            Decimal("-100.00"),
        )
