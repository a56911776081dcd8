"""The code that banking apps scan."""

from __future__ import annotations

from decimal import Decimal

from billing.invoices.epc_qr import transfer_code, transfer_text
from billing.invoices.models import Invoice
from branding.identity.models import LegalIdentity

IDENTITY = LegalIdentity(iban="be71 0961 2345 6769", bic="KREDBEBB")


def _invoice(currency: str = "EUR", balance: str = "840.49") -> Invoice:
    return Invoice(number="2026-0004", currency=currency, balance=Decimal(balance))


def test_says_whom_how_much_and_what_for() -> None:
    assert transfer_text(_invoice(), IDENTITY, "Dupont\nAvocats").split("\n") == [
        "BCD", "002", "1", "SCT", "KREDBEBB", "Dupont Avocats", "BE71096123456769", "EUR840.49",
        "", "", "2026-0004",
    ]  # fmt: skip


def test_is_an_image_on_the_page_itself() -> None:
    assert transfer_code(_invoice(), IDENTITY, "Dupont").startswith("data:image/png;base64,")


def test_describes_nothing_but_an_open_euro_transfer() -> None:
    assert transfer_text(_invoice("USD"), IDENTITY, "Dupont") == ""
    assert transfer_text(_invoice(balance="0"), IDENTITY, "Dupont") == ""
    assert transfer_code(_invoice(), LegalIdentity(), "Dupont") == ""
