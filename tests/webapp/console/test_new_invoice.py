"""Writing an invoice: lines, sums, amounts as people type them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billing.invoices.models import Invoice
from tests.webapp.console.pages import words
from tests.world import World
from webapp.kit.amounts import read_amount

pytestmark = pytest.mark.django_db


def _form(client: Any, **changes: str) -> dict[str, str]:
    return {
        "client": str(client.pk),
        "currency": "EUR",
        "subject": "Advice in November",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-kind": "time",
        "lines-0-description": "Drafting",
        "lines-0-quantity": "1,5",
        "lines-0-unit_price": "1,234.50",
        "lines-0-vat_rate": "21",
        "do": "create",
        **changes,
    }


@pytest.fixture
def client(world: World) -> Any:
    with world.alpha.inside():
        return world.alpha.client()


@pytest.mark.parametrize(
    ("text", "mark", "amount"),
    [
        ("1 234,50", ".", "1234.50"),
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1234.5", ",", "1234.5"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234.567", ".", "1234567"),
        ("€ 12,00", ",", "12.00"),
        ("\u2212 5,00", ",", "-5.00"),
        ("1\u202f234,5", ",", "1234.5"),
        ("12,34,56", ".", None),
        ("1.23.456,7", ",", None),
        ("abc", ".", None),
        ("", ".", None),
        (",", ".", None),
        ("1e9", ".", None),
    ],
)
def test_reads_amounts_as_people_type_them(text: str, mark: str, amount: str | None) -> None:
    assert read_amount(text, mark) == (Decimal(amount) if amount else None)


def test_creates_a_draft(world: World, client: Any) -> None:
    answer = world.alpha.browser("billing").post("/invoices/new/", _form(client))
    assert answer.status_code == 302
    with world.alpha.inside():
        invoice = Invoice.objects.get(subject="Advice in November")
        assert (invoice.status, invoice.net_total) == ("draft", Decimal("1851.75"))
        assert (invoice.vat_total, invoice.total) == (Decimal("388.87"), Decimal("2240.62"))


def test_an_unreadable_amount_is_said_at_its_field(world: World, client: Any) -> None:
    form = _form(client, **{"lines-0-unit_price": "12,34,56"})
    answer = world.alpha.browser("owner").post("/invoices/new/", form)
    assert answer.status_code == 422
    page = words(answer)
    assert "Line 1, Unit price" in page
    assert "Please give a number, for example 1,234.50." in page
    with world.alpha.inside():
        assert not Invoice.objects.filter(subject="Advice in November").exists()


def test_what_the_service_refuses_of_a_line_is_said_there(world: World, client: Any) -> None:
    form = _form(client, **{"lines-0-kind": "disbursement"})
    answer = world.alpha.browser("owner").post("/invoices/new/", form)
    assert answer.status_code == 422
    assert "A disbursement stands outside VAT." in words(answer)


def test_adds_and_removes_lines_without_complaining(world: World, client: Any) -> None:
    owner = world.alpha.browser("owner")
    page = words(owner.post("/invoices/new/", _form(client, do="add")))
    assert "Line 2" in page
    assert "This field is required" not in page
    assert 'value="2"' in page
    assert "€2,240" in page
    two = _form(
        client,
        do="remove-0",
        **{
            "lines-TOTAL_FORMS": "2",
            "lines-1-kind": "expense",
            "lines-1-description": "Copies",
            "lines-1-quantity": "1",
            "lines-1-unit_price": "50",
        },
    )
    page = words(owner.post("/invoices/new/", two))
    assert "Copies" in page
    assert "Drafting" not in page
    assert "Line 2" not in page


def test_htmx_gets_the_sums_alone(world: World, client: Any) -> None:
    answer = world.alpha.browser("owner").post(
        "/invoices/new/", _form(client, do="totals"), headers={"hx-request": "true"}
    )
    assert answer.status_code == 200
    assert answer.content.strip().startswith(b'<div id="totals"')
    assert "€2,240" in words(answer)


def test_the_matters_follow_the_client(world: World, client: Any) -> None:
    answer = world.alpha.browser("owner").post(
        "/invoices/new/", _form(client, do="client"), headers={"hx-request": "true"}
    )
    assert "M1 · Matter 1" in words(answer)
    assert "Matter 2" not in words(answer)


def test_a_discount_is_taken_off(world: World, client: Any) -> None:
    form = _form(
        client, **{"lines-0-kind": "discount", "lines-0-quantity": "1", "lines-0-unit_price": "10"}
    )
    world.alpha.browser("owner").post("/invoices/new/", form)
    with world.alpha.inside():
        assert Invoice.objects.get(subject="Advice in November").net_total == Decimal("-10.00")


@pytest.mark.parametrize("person", ["attorney", "assistant"])
def test_only_those_who_bill_may(world: World, client: Any, person: str) -> None:
    browser = world.alpha.browser(person)
    assert browser.get("/invoices/new/").status_code == 403
    assert browser.post("/invoices/new/", _form(client)).status_code == 403
    with world.alpha.inside():
        assert not Invoice.objects.filter(subject="Advice in November").exists()


def test_another_firms_client_cannot_be_billed(world: World) -> None:
    with world.beta.inside():
        other = world.beta.client()
    answer = world.alpha.browser("owner").post("/invoices/new/", _form(other))
    assert answer.status_code == 422
    with world.alpha.inside():
        assert not Invoice.objects.filter(subject="Advice in November").exists()
