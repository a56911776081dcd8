"""The client's invoices: list, one, PDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from pypdf import PdfReader

from billing.invoices.models import Invoice
from billing.payments.models import Payment
from tests.world import FirmWorld, World

PARTIAL = {"hx-request": "true"}


def test_lists_ones_own_shared_invoices(world: World) -> None:
    page = world.alpha.browser("ada").get("/invoices/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "You owe €544.50" in text
    assert "2026-0001" in text
    assert "2026-0002" not in text, "another client's"
    assert "Next" not in text, "a draft"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("status=open,partially_paid,overdue", True),
        ("status=paid", False),
        ("search=october", True),
        ("search=2026-0001", True),
        ("search=nothing-like-it", False),
        ("issued_after=2026-10-31&issued_before=2026-10-31", True),
        ("issued_after=2026-11-01", False),
        ("min_total=544,50&max_total=544.50", True),
        ("min_total=545", False),
        ("page=7", True),
    ],
)
def test_filters(world: World, query: str, found: bool) -> None:
    answer = world.alpha.browser("ada").get(f"/invoices/?{query}")
    assert answer.status_code == 200
    assert ("2026-0001" in answer.content.decode()) is found


def test_tells_empty_from_filtered_empty(world: World) -> None:
    ada = world.alpha.browser("ada")
    assert "No invoice fits" in ada.get("/invoices/?search=zzz").content.decode()
    with world.alpha.inside():
        Invoice.objects.filter(client__code="C1").update(shared_at=None)
    text = ada.get("/invoices/").content.decode()
    assert "No invoices yet" in text
    assert "You owe nothing" in text


@pytest.mark.parametrize(
    "query", ["min_total=abc", "issued_after=32.13.2026", "status=lost", "page=0", "ordering=cost"]
)
def test_says_what_it_cannot_understand(world: World, query: str) -> None:
    answer = world.alpha.browser("ada").get(f"/invoices/?{query}")
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()


def test_sorts(world: World) -> None:
    with world.alpha.inside():
        mine, other = world.alpha.invoice(1), world.alpha.invoice(2)
        Invoice.objects.filter(pk=other.pk).update(client=mine.client, net_total=1, total="95.50")
    ada = world.alpha.browser("ada")
    for ordering, first in (("total", "2026-0002"), ("-total", "2026-0001")):
        text = ada.get(f"/invoices/?ordering={ordering}").content.decode()
        numbers = sorted(("2026-0001", "2026-0002"), key=text.index)
        assert numbers[0] == first


def test_htmx_gets_the_list_alone_and_a_short_address(world: World) -> None:
    ada = world.alpha.browser("ada")
    answer = ada.get("/invoices/?search=october&status=&page=", headers=PARTIAL)
    text = answer.content.decode()
    assert "<html" not in text
    assert "2026-0001" in text
    assert 'id="announcement"' in text
    assert answer["HX-Push-Url"] == "/invoices/?search=october"


def test_pages_through_many(world: World) -> None:
    with world.alpha.inside():
        model = world.alpha.invoice()
        Invoice.objects.bulk_create(
            Invoice(
                client=model.client,
                status="open",
                number=f"X-{at:03}",
                currency="EUR",
                issue_date=model.issue_date,
                due_date=model.due_date,
                net_total=10,
                total=10,
                shared_at=model.shared_at,
            )
            for at in range(200)
        )
    ada = world.alpha.browser("ada")
    assert "1 to 25 of 201 invoices" in ada.get("/invoices/").content.decode()
    assert "201 to 201 of 201 invoices" in ada.get("/invoices/?page=9").content.decode()
    assert "201 to 201 of 201 invoices" in ada.get("/invoices/?page=99").content.decode()


def test_shows_the_invoice_as_on_paper(
    world: World, trail: Callable[[FirmWorld], list[str]]
) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    page = world.alpha.browser("ada").get(f"/invoices/{invoice.pk}/")
    text = page.content.decode()
    assert page.status_code == 200
    for words in (
        "Invoice 2026-0001",
        "canary-alpha-7q",
        "VAT 21%",
        "€544.50 is open",
        "Pay €544.50",
    ):
        assert words in text
    assert "secret-note" not in text
    assert "77.77" not in text
    assert trail(world.alpha)[-1] == "invoice.viewed"
    assert "form-action 'self' http://portico.localhost" in page["Content-Security-Policy"]


def test_looking_by_head_leaves_no_trace(
    world: World, trail: Callable[[FirmWorld], list[str]]
) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    world.alpha.browser("ada").head(f"/invoices/{invoice.pk}/")
    assert "invoice.viewed" not in trail(world.alpha)


def test_tells_the_history(world: World, payment_in: Callable[..., Payment]) -> None:
    payment_in(world.alpha, "succeeded")
    with world.alpha.inside():
        invoice = world.alpha.invoice()
        Invoice.objects.filter(pk=invoice.pk).update(paid_total=100, status="partially_paid")
    text = world.alpha.browser("ada").get(f"/invoices/{invoice.pk}/").content.decode()
    assert "We issued the invoice." in text
    assert "You paid €100.00. Thank you." in text
    assert "€444.50 is open" in text


def test_offers_no_payment_while_one_is_on_its_way(
    world: World, payment_in: Callable[..., Payment]
) -> None:
    payment_in(world.alpha, "processing")
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    text = world.alpha.browser("ada").get(f"/invoices/{invoice.pk}/").content.decode()
    assert "A payment is on its way" in text
    assert "/pay/" not in text


@pytest.mark.parametrize("path", ["", "pdf/"])
def test_refuses_what_is_not_theirs(
    world: World, path: str, trail: Callable[[FirmWorld], list[str]]
) -> None:
    with world.alpha.inside():
        others, draft = world.alpha.invoice(2), world.alpha.draft(1)
    with world.beta.inside():
        foreign = world.beta.invoice(1)
    ada = world.alpha.browser("ada")
    for invoice in (others, draft, foreign):
        assert ada.get(f"/invoices/{invoice.pk}/{path}").status_code == 404
    assert not {"invoice.viewed", "invoice.downloaded"} & set(trail(world.alpha))
    nobody = world.alpha.browser(surface="portal")
    assert nobody.get(f"/invoices/{others.pk}/{path}").status_code == 302


def test_refuses_an_invoice_taken_back(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
        Invoice.objects.filter(pk=invoice.pk).update(shared_at=None)
    assert world.alpha.browser("ada").get(f"/invoices/{invoice.pk}/").status_code == 404


def test_downloads_the_pdf(world: World, trail: Callable[[FirmWorld], list[str]]) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
    answer = world.alpha.browser("ada").get(f"/invoices/{invoice.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="alpha-2026-0001.pdf"'
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Invoice 2026-0001" in text
    assert trail(world.alpha)[-1] == "invoice.downloaded"


def test_needs_a_constant_number_of_statements(
    world: World, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with world.alpha.inside():
        assert world.alpha.invoice().balance == Decimal("544.50")
    ada = world.alpha.browser("ada")
    ada.get("/invoices/")
    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
        ada.get("/invoices/")
