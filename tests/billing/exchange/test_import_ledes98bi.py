"""LEDES 98BI V2 through the door of imports: to the cent, never with another total."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from billing.exchange.models import ImportRun
from billing.exchange.services import ImportRefused, preview_import, run_import
from billing.invoices.models import Invoice, InvoiceLine, Timekeeper
from tenants.matters.models import Matter
from tenants.people.models import Client
from tests.billing.formats.ledes98bi_text import bad, good, ledes, row
from tests.world import FirmWorld, World

MODELS = (Invoice, InvoiceLine, Client, Matter, Timekeeper)


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


def _preview(alpha: FirmWorld, content: bytes) -> ImportRun:
    return preview_import(
        file=io.BytesIO(content),
        file_name="bills.txt",
        form="ledes1998bi",
        by=alpha.people["billing"],
    )


def test_a_good_file_is_imported_to_the_cent(alpha: FirmWorld) -> None:
    with alpha.inside():
        preview = _preview(alpha, good())
        assert (preview.state, preview.problems) == ("previewed", [])
        assert preview.summary["totals"] == {"EUR": "814.95", "GBP": "121.00"}
        run_import(run=preview, by=alpha.people["billing"])
        first = Invoice.objects.get(number="2026-014")
        assert (first.net_total, first.vat_total, first.total, first.currency) == (
            Decimal("701.55"),
            Decimal("113.40"),
            Decimal("814.95"),
            "EUR",
        )
        assert [(vat.rate, vat.base, vat.amount) for vat in first.vat.order_by("-rate")] == [
            (Decimal(21), Decimal(540), Decimal("113.40")),
            (Decimal(0), Decimal("161.55"), Decimal(0)),
        ]
        assert Invoice.objects.get(number="2026-015").currency == "GBP"
        client = Client.objects.get(code="C-7")
        assert (client.name, client.country) == ("Mill & Sons", "BE")
        assert client.address == "Rue du Moulin 1\n5000 Namur"
        assert Matter.objects.get(reference="M-12", client=client).title == "Lease of the mill"
        assert Timekeeper.objects.get(code="JD").name == "Doe, Jane"


def test_the_same_file_again_changes_nothing(alpha: FirmWorld) -> None:
    with alpha.inside():
        run_import(run=_preview(alpha, good()), by=alpha.people["billing"])
        counts = [model.objects.count() for model in MODELS]
        again = _preview(alpha, good())
        assert (again.summary["new_invoices"], again.summary["known_invoices"]) == (0, 2)
        run_import(run=again, by=alpha.people["billing"])
        assert counts == [model.objects.count() for model in MODELS]


def test_wrong_sums_are_named_and_nothing_is_written(alpha: FirmWorld) -> None:
    with alpha.inside():
        counts = [model.objects.count() for model in MODELS]
        run = _preview(alpha, bad())
        assert run.state == "refused"
        assert [(p["line"], p["rule"], p["expected"], p["found"]) for p in run.problems] == [
            (3, "ledes1998bi.line_tax_total", "63.00", "60.00"),
            (3, "ledes1998bi.invoice_total", "723.50", "726.50"),
            (3, "ledes1998bi.invoice_net_total", "603.50", "600.00"),
            (4, "ledes1998bi.line_total", "363.00", "363.50"),
        ]
        with pytest.raises(ImportRefused):
            run_import(run=run, by=alpha.people["billing"])
        assert counts == [model.objects.count() for model in MODELS]


def test_tax_rounded_by_line_that_differs_per_rate_is_refused(alpha: FirmWorld) -> None:
    """Twice 21 % of 0.12 is 0.03 + 0.03; 21 % of 0.24 is 0.05."""
    sums = {"invoice_total": "0.30", "invoice_tax": "0.06", "net": "0.24"}
    line = {"units": "1", "cost": "0.12", "tax": "0.03", "total": "0.15"}
    with alpha.inside():
        run = _preview(alpha, ledes(row(**line, **sums), row(item="2", **line, **sums)))
        assert run.state == "refused"
        (problem,) = run.problems
        assert (problem["line"], problem["field"], problem["rule"]) == (
            3,
            "INVOICE_TAX_TOTAL",
            "import.tax_total",
        )
        assert (problem["expected"], problem["found"]) == ("0.05", "0.06")
        assert not Invoice.objects.filter(number="2026-014").exists()


def test_a_long_matter_name_is_cut(alpha: FirmWorld) -> None:
    with alpha.inside():
        run_import(
            run=_preview(alpha, ledes(row(matter_name="m" * 255))), by=alpha.people["billing"]
        )
        assert Matter.objects.get(reference="M-12", client__code="C-7").title == "m" * 200
