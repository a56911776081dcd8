"""Importing a file: looked at first, then whole or not at all, and again without effect."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest

from billing.exchange.models import ImportRun
from billing.exchange.services import ImportRefused, preview_import, run_import
from billing.invoices.models import Invoice, InvoiceLine, Timekeeper
from infra.common.errors import NotAllowed
from tenants.matters.models import Matter
from tenants.people.models import Client
from tests.world import FirmWorld, World

NAMES = (
    "INVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE|"
    "BILLING_END_DATE|INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE|"
    "LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|LINE_ITEM_TOTAL|LINE_ITEM_DATE|"
    "LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID|"
    "LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME|"
    "TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID[]"
)


def _row(
    number: str, item: int, client: str, total: str, units: str, cost: str, amount: str
) -> str:
    return (
        f"20260930|{number}|{client}|K-7|{total}|20260901|20260930|September|{item}|F|{units}|0|"
        f"{amount}|20260915|L110||A102|TK1|Advice on the lease|24-1234567|{cost}|Doe, Jane|PARTNR|X[]"
    )


def ledes(*rows: str) -> io.BytesIO:
    return io.BytesIO(("\r\n".join(["LEDES1998B[]", NAMES, *rows]) + "\r\n").encode())


GOOD = (
    _row("L-1", 1, "9001", "1050", "2.00", "350", "700"),
    _row("L-1", 2, "9001", "1050", "1.00", "350", "350"),
    _row("L-2", 3, "9002", "175", "0.50", "350", "175"),
)


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _preview(alpha: FirmWorld, file: io.BytesIO, by: str = "billing", **more: Any) -> ImportRun:
    return preview_import(
        file=file,
        file_name="bills.txt",
        form=more.pop("form", "ledes1998b"),
        by=alpha.people[by],
        **more,
    )


def test_a_preview_says_what_would_happen_and_writes_nothing(alpha: FirmWorld) -> None:
    with alpha.inside():
        before = (Invoice.objects.count(), Client.objects.count())
        run = _preview(alpha, ledes(*GOOD))
        assert run.state == "previewed"
        assert run.summary["new_invoices"] == 2
        assert run.summary["new_clients"] == 2
        assert run.summary["totals"] == {"EUR": "1225.00"}
        assert (Invoice.objects.count(), Client.objects.count()) == before


def test_importing_creates_everything_to_the_cent(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = run_import(run=_preview(alpha, ledes(*GOOD)), by=alpha.people["billing"])
        assert run.state == "imported"
        first = Invoice.objects.get(number="L-1")
        assert (first.total, first.balance, first.status) == (
            Decimal("1050.00"),
            Decimal("1050.00"),
            "open",
        )
        assert first.matter is not None
        assert first.matter.reference == "K-7"
        assert [line.amount for line in first.lines.all()] == [Decimal(700), Decimal(350)]
        assert Timekeeper.objects.get(code="TK1").classification == "PARTNR"
        assert first.sent_at is None
        assert first.shared_at is None


def test_importing_the_same_file_again_changes_nothing(alpha: FirmWorld) -> None:
    with alpha.inside():
        run_import(run=_preview(alpha, ledes(*GOOD)), by=alpha.people["billing"])
        counts = [m.objects.count() for m in (Invoice, InvoiceLine, Client, Matter, Timekeeper)]
        again = _preview(alpha, ledes(*GOOD))
        assert (again.summary["new_invoices"], again.summary["known_invoices"]) == (0, 2)
        run_import(run=again, by=alpha.people["billing"])
        assert counts == [
            m.objects.count() for m in (Invoice, InvoiceLine, Client, Matter, Timekeeper)
        ]


def test_a_known_number_with_another_total_is_refused(alpha: FirmWorld) -> None:
    with alpha.inside():
        run_import(run=_preview(alpha, ledes(*GOOD)), by=alpha.people["billing"])
        other = _preview(alpha, ledes(_row("L-2", 3, "9002", "350", "1.00", "350", "350")))
        assert other.state == "refused"
        assert other.problems[0]["rule"] == "import.number_with_other_total"
        assert (other.problems[0]["line"], other.problems[0]["value"]) == (3, "L-2")


def test_a_file_with_one_wrong_line_is_refused_whole(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = _preview(
            alpha, ledes(GOOD[0], GOOD[1], _row("L-2", 3, "9002", "175", "0.50", "350", "170"))
        )
        assert run.state == "refused"
        rules = {(p["line"], p["rule"]) for p in run.problems if p["severity"] == "error"}
        assert (5, "ledes1998b.line_total") in rules
        with pytest.raises(ImportRefused):
            run_import(run=run, by=alpha.people["billing"])
        assert not Invoice.objects.filter(number__startswith="L-").exists()


@pytest.mark.parametrize("role", ["attorney", "assistant", "ada"])
def test_refuses_people_who_do_not_manage_bills(alpha: FirmWorld, role: str) -> None:
    with alpha.inside():
        with pytest.raises(NotAllowed):
            _preview(alpha, ledes(*GOOD), by=role)
        assert not ImportRun.objects.exists()


def test_csv_columns_are_mapped_by_hand_where_names_say_nothing(alpha: FirmWorld) -> None:
    text = "a;b;c;d;e;f;g;h;i\nV-1;2026-05-01;9003;M9;fixed_fee;2026-05-01;1;250,00;Vast bedrag\n"
    mapping = {
        "invoice_number": "a",
        "invoice_date": "b",
        "client_code": "c",
        "matter_code": "d",
        "kind": "e",
        "date": "f",
        "quantity": "g",
        "unit_price": "h",
        "description": "i",
    }
    with alpha.inside():
        blind = _preview(alpha, io.BytesIO(text.encode()), form="csv")
        assert blind.state == "refused"
        run = _preview(alpha, io.BytesIO(text.encode()), form="csv", mapping=mapping)
        assert run.problems == []
        run_import(run=run, by=alpha.people["billing"])
        assert Invoice.objects.get(number="V-1").total == Decimal("250.00")


def test_a_file_beyond_the_limit_is_refused_and_not_kept(alpha: FirmWorld, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 500
    with alpha.inside():
        run = _preview(alpha, ledes(*GOOD))
        assert run.state == "refused"
        assert run.stored_file == ""
