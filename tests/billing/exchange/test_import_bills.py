"""Importing a file: looked at first, then whole or not at all, and again without effect."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.exchange.models import ImportRun
from billing.exchange.services import ImportRefused, preview_import, run_import
from billing.formats.csv_bills.columns import FIELDS
from billing.invoices.models import Invoice, InvoiceLine, Timekeeper
from billing.invoices.services.timekeepers import TimekeeperCodeTaken, create_timekeepers
from infra.audit.models import AuditEvent
from infra.common.errors import Invalid, NotAllowed
from tenants.matters.models import Matter
from tenants.people.models import Client, Contact
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


HEAD = (
    "invoice_number,invoice_date,client_code,client_name,client_email,matter_code,kind,date,"
    "timekeeper_code,quantity,unit_price,amount,description\n"
)


def _bills(count: int, prefix: str = "B", name: str = "Client") -> io.BytesIO:
    """As many bills, each for a client of its own with a matter and a timekeeper."""
    rows = [
        f"{prefix}-{at},2026-05-01,{prefix}C{at},{name},{prefix}{at}@new.test,M,time,2026-05-01,"
        f"{prefix}T{at},1,100.00,100.00,Advice\n"
        for at in range(count)
    ]
    return io.BytesIO((HEAD + "".join(rows)).encode())


def test_what_an_import_creates_is_in_the_trail_as_what_a_page_creates(alpha: FirmWorld) -> None:
    with alpha.inside():
        billing = alpha.people["billing"]
        run_import(run=_preview(alpha, _bills(2), form="csv"), by=billing)
        clients = set(Client.objects.filter(code__in=["BC0", "BC1"]).values_list("pk", flat=True))
        for action in ("client.created", "contact.created", "matter.opened"):
            found = AuditEvent.objects.filter(action=action, actor_id=billing.pk)
            assert set(found.values_list("client_id", flat=True)) == clients, action
            assert found.count() == 2
        assert AuditEvent.objects.filter(action="timekeeper.created").count() == 2
        assert Contact.objects.filter(email="b0@new.test", client__in=clients).exists()


def test_a_client_that_is_here_gets_a_contact_only_if_it_has_none(alpha: FirmWorld) -> None:
    with alpha.inside():
        run_import(run=_preview(alpha, _bills(2), form="csv"), by=alpha.people["billing"])
        Contact.objects.filter(email="b1@new.test").delete()
        text = _bills(2).getvalue().decode().replace("B-", "D-").replace("@new", "@other")
        run = _preview(alpha, io.BytesIO(text.encode()), form="csv")
        assert run.summary["new_clients"] == 0
        run_import(run=run, by=alpha.people["billing"])
        found = Contact.objects.filter(client__code__startswith="BC").order_by("client__code")
        assert [contact.email for contact in found] == ["b0@new.test", "b1@other.test"]


def test_more_clients_take_no_more_statements(alpha: FirmWorld) -> None:
    counts = []
    with alpha.inside():
        for prefix, many in (("W", 1), ("A", 2), ("B", 40)):
            run = _preview(alpha, _bills(many, prefix), form="csv")
            with CaptureQueriesContext(connection) as queries:
                run_import(run=run, by=alpha.people["billing"])
            counts.append(len(queries))
    assert counts[1] == counts[2]


@pytest.mark.parametrize(
    ("field", "model", "column"),
    [
        ("invoice_number", Invoice, "number"),
        ("client_code", Client, "code"),
        ("client_name", Client, "name"),
        ("client_email", Client, "email"),
        ("matter_code", Matter, "reference"),
        ("client_reference", Matter, "client_reference"),
        ("timekeeper_code", Timekeeper, "code"),
        ("timekeeper_name", Timekeeper, "name"),
        ("task_code", InvoiceLine, "task_code"),
        ("activity_code", InvoiceLine, "activity_code"),
        ("expense_code", InvoiceLine, "expense_code"),
    ],
)
def test_no_text_that_a_file_may_hold_is_longer_than_its_column(
    field: str, model: Any, column: str
) -> None:
    allowed = {spec.name: spec.length for spec in FIELDS}[field]
    assert allowed <= model._meta.get_field(column).max_length


def test_a_name_that_no_column_holds_is_refused_with_its_line(alpha: FirmWorld) -> None:
    with alpha.inside():
        before = Client.objects.count()
        run = _preview(alpha, _bills(1, name="n" * 161), form="csv")
        assert run.state == "refused"
        assert [
            (p["line"], p["field"], p["rule"]) for p in run.problems if p["severity"] == "error"
        ][0] == (2, "client_name", "csv.length")
        assert Client.objects.count() == before


def test_the_longest_name_of_a_client_is_cut_for_its_contact(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = _preview(alpha, _bills(1, name="n" * 160), form="csv")
        run_import(run=run, by=alpha.people["billing"])
        assert Contact.objects.get(email="b0@new.test").name == "n" * 120


@pytest.mark.parametrize("address", ["a@b@new.test", "a b@new.test", "a@new..test", "a@-new.test"])
def test_an_address_that_no_column_takes_is_refused_at_the_preview(
    alpha: FirmWorld, address: str
) -> None:
    with alpha.inside():
        text = _bills(1).getvalue().decode().replace("B0@new.test", address)
        run = _preview(alpha, io.BytesIO(text.encode()), form="csv")
        assert (run.state, run.problems[0]["rule"]) == ("refused", "csv.email")


def test_a_timekeeper_whose_code_is_taken_stops_all(alpha: FirmWorld) -> None:
    with alpha.inside():
        billing = alpha.people["billing"]
        create_timekeepers(timekeepers=[Timekeeper(code="JD", name="Doe")], by=billing)
        pair = [Timekeeper(code="NN", name="New"), Timekeeper(code="JD", name="Doe")]
        with pytest.raises(TimekeeperCodeTaken) as refused:
            create_timekeepers(timekeepers=pair, by=billing)
        assert list(refused.value.fields) == ["timekeepers[JD].code"]
        with pytest.raises(Invalid):
            create_timekeepers(timekeepers=[Timekeeper(code="NN", name="n" * 121)], by=billing)
        with pytest.raises(NotAllowed):
            create_timekeepers(timekeepers=pair[:1], by=alpha.people["attorney"])
        assert not Timekeeper.objects.filter(code="NN").exists()
        assert AuditEvent.objects.filter(action="timekeeper.created").count() == 1
