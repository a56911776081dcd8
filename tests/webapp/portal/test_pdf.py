"""Invoices and receipts on paper: read back what was drawn."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from pypdf import PdfReader

from billing.invoices.models import Invoice, InvoiceLine, Timekeeper
from billing.invoices.pdf import invoice_html, make_invoice_pdf
from billing.invoices.services.drafting import LineDraft, create_draft
from billing.invoices.services.issuing import issue_invoice
from branding.identity.models import LegalIdentity
from tests.world import FirmWorld, World

HOSTILE = "<link rel=attachment href=file:///etc/passwd><script>alert(1)</script>\"'&"


@pytest.fixture
def alpha(world: World) -> Iterator[FirmWorld]:
    with world.alpha.inside() as firm:
        LegalIdentity.objects.create(
            id=1,
            company_name="Alpha SRL",
            address="Rue Haute 5\n1000 Brussels",
            vat_number="BE0123456789",
            iban="BE71 0961 2345 6769",
            bic="KREDBEBB",
        )
        yield firm


def _issued(firm: FirmWorld, drafts: list[LineDraft], subject: str = "") -> Invoice:
    owner = firm.people["owner"]
    draft = create_draft(
        client=firm.client(), currency="EUR", lines=drafts, by=owner, subject=subject
    )
    issue_invoice(invoice=draft, by=owner, issue_date=date(2026, 11, 1))
    found: Invoice = Invoice.objects.select_related("client", "matter").get(pk=draft.pk)
    return found


def _read(invoice: Invoice) -> PdfReader:
    return PdfReader(io.BytesIO(make_invoice_pdf(invoice)))


def _text(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_one_line(alpha: FirmWorld) -> None:
    reader = _read(alpha.invoice())
    text = _text(reader)
    for words in (
        "Invoice 2026-0001",
        "Alpha SRL",
        "BE71 0961 2345 6769",
        "KREDBEBB",
        "€544.50",
        "VAT 21%",
        "€450.00",
        "€94.50",
        "Page 1 of 1",
        "Subtotal",
    ):
        assert words in text
    assert len(reader.pages) == 1


def test_is_tagged_and_says_its_language_and_title(alpha: FirmWorld) -> None:
    reader = _read(alpha.invoice())
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert (reader.metadata.title or "").startswith("Invoice 2026-0001")


def test_is_set_in_the_firms_typeface(alpha: FirmWorld) -> None:
    fonts = _read(alpha.invoice()).pages[0]["/Resources"]["/Font"].values()
    names = {font.get_object()["/BaseFont"].split("+")[1].split("-")[0] for font in fonts}
    assert names == {"Inter"}


def test_forty_lines_repeat_the_head_of_the_table(alpha: FirmWorld) -> None:
    keeper = Timekeeper.objects.create(code="MD", name="Marie Dupont")
    drafts = [
        LineDraft(
            kind=InvoiceLine.Kind.TIME,
            description=f"Work number {at}",
            quantity=Decimal("0.75"),
            unit_price=Decimal(250),
            vat_rate=Decimal(21),
            timekeeper=keeper,
            date=date(2026, 10, 1) + timedelta(days=at),
        )
        for at in range(40)
    ]
    reader = _read(_issued(alpha, drafts))
    for page in reader.pages[:2]:
        assert "Hours" in page.extract_text()
    text = _text(reader)
    assert all(f"Work number {at}" in text for at in range(40))
    assert "Marie Dupont" in text


def test_never_shows_what_is_internal(alpha: FirmWorld) -> None:
    html = invoice_html(alpha.invoice())
    assert "secret-note" not in html
    assert "77.77" not in html
    Invoice.objects.filter(pk=alpha.invoice().pk).update(internal_note="note-of-the-invoice")
    assert "note-of-the-invoice" not in invoice_html(alpha.invoice())


def test_hostile_text_survives_as_text(alpha: FirmWorld) -> None:
    drafts = [
        LineDraft(kind=InvoiceLine.Kind.TIME, description=HOSTILE, unit_price=Decimal(10)),
        LineDraft(kind=InvoiceLine.Kind.TIME, description="x" * 10_000, unit_price=Decimal(10)),
        LineDraft(kind=InvoiceLine.Kind.EXPENSE, description="=1+1\nשלום עולם", amount=Decimal(5)),
    ]
    reader = _read(_issued(alpha, drafts, subject=HOSTILE))
    text = _text(reader)
    assert not reader.attachments
    assert "file:///etc/passwd" in text.replace("\n", "")
    assert "root:" not in text
    assert text.count("x") >= 10_000
    assert "שלום" in text or "םולש" in text


def test_gamma_prints_on_letter_paper(world: World) -> None:
    with world.gamma.inside() as firm:
        box = _read(firm.invoice()).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (612, 792)


def test_is_written_in_the_clients_language(alpha: FirmWorld) -> None:
    client = alpha.client()
    client.language = "nl"
    client.save(update_fields=["language"])
    reader = _read(alpha.invoice())
    assert reader.trailer["/Root"]["/Lang"] == "nl"
    assert "544,50" in _text(reader)


def test_a_void_invoice_asks_for_nothing(alpha: FirmWorld) -> None:
    Invoice.objects.filter(pk=alpha.invoice().pk).update(status="void")
    assert "Please pay" not in _text(_read(alpha.invoice()))
