"""Invoices that another system issued come in as they stand there, through the state machine."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from billing.exchange.services import preview_import, run_import
from billing.invoices.models import Invoice, InvoiceLine, InvoiceTransition
from billing.invoices.services.drafting import LineDraft
from billing.invoices.services.registering import (
    IssuedInvoice,
    NumberTaken,
    register_issued_invoices,
)
from billing.payments.history import invoice_history
from billing.payments.integrity_checks import book_errors
from infra.common.errors import NotAllowed
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
        assert _moves("X-0") == [("draft", "open", "import"), ("open", "paid", "import")]
        told = [(entry.kind, entry.state) for entry in invoice_history(made)]
        assert told == [("imported", ""), ("moved", "paid")]
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
