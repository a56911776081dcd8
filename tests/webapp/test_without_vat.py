"""Where there is no VAT, as in the United States, neither papers nor pages speak of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils.html import strip_tags

from billing.invoices.models import Invoice
from billing.invoices.pdf import invoice_html
from billing.invoices.services.drafting import create_draft
from billing.invoices.services.issuing import issue_invoice, share_invoice
from tests.webapp.console.pages import upload, words
from tests.world import FirmWorld, World, lines

CSV = (
    "invoice_number;invoice_date;client_code;matter_code;description;amount{more}\n"
    "B-1;2026-03-04;K100;D1;Advice;250.50{value}\n"
)


def _said(answer: Any) -> str:
    return strip_tags(words(answer))


@pytest.fixture
def gamma(world: World) -> Iterator[FirmWorld]:
    with world.gamma.inside() as firm:
        yield firm


def _issued(firm: FirmWorld) -> Invoice:
    owner = firm.people["owner"]
    draft = create_draft(
        client=firm.client(),
        currency="USD",
        lines=[replace(line, vat_rate=None) for line in lines("gamma")],
        by=owner,
    )
    issue_invoice(invoice=draft, by=owner, issue_date=date(2026, 11, 1))
    share_invoice(invoice=draft, by=owner)
    found: Invoice = Invoice.objects.select_related("client", "matter").get(pk=draft.pk)
    return found


def test_an_invoice_without_vat_does_not_speak_of_it(gamma: FirmWorld) -> None:
    plain, taxed = _issued(gamma), gamma.invoice()
    asked = {
        "paper": invoice_html,
        "console": lambda invoice: _said(gamma.browser("owner").get(f"/invoices/{invoice.pk}/")),
        "portal": lambda invoice: _said(gamma.browser("ada").get(f"/invoices/{invoice.pk}/")),
    }
    for place, read in asked.items():
        assert "VAT" not in read(plain), place
        assert "450.00" in read(plain), place
        assert "Without VAT" in read(taxed), place


@pytest.mark.parametrize(("rate", "said"), [("", False), ("21", True)])
def test_the_sums_of_a_draft_speak_of_vat_where_a_line_has_some(
    gamma: FirmWorld, rate: str, said: bool
) -> None:
    form = {
        "client": str(gamma.client().pk),
        "currency": "USD",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-kind": "time",
        "lines-0-description": "Drafting",
        "lines-0-quantity": "1",
        "lines-0-unit_price": "250.50",
        "lines-0-vat_rate": rate,
        "do": "totals",
    }
    sums = _said(
        gamma.browser("owner").post("/invoices/new/", form, headers={"hx-request": "true"})
    )
    assert "250.50" in sums
    assert ("VAT" in sums) is said


@pytest.mark.parametrize(("more", "value"), [("", ""), (";vat_rate", ";21")])
def test_an_import_speaks_of_vat_where_the_file_has_some(
    gamma: FirmWorld, more: str, value: str
) -> None:
    browser = gamma.browser("billing")
    text = CSV.format(more=more, value=value)
    answer = browser.post("/imports/", {"file": upload(text, "bills.csv"), "format": ""})
    page = _said(browser.get(answer["Location"]))
    assert "250.50" in page
    assert ("Total, VAT included" in page) is bool(more)
    assert ("Without VAT" in page) is bool(more)
