"""Builds small LEDES 98BI V2 files: one right row of 300 and 21 % tax, and what a test changes."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from billing.formats.bills import Limits, Reading
from billing.formats.ledes1998bi.columns import LEDES_1998BI
from billing.formats.reading import read_bills
from tests.billing.formats.ledes_text import RIGHT as RIGHT_1998B
from tests.billing.formats.ledes_text import SHORT as SHORT_1998B

RIGHT = {
    **dict.fromkeys(LEDES_1998BI.names, ""),
    **RIGHT_1998B,
    "INVOICE_TOTAL": "363.00",
    "LINE_ITEM_TOTAL": "363.00",
    "CLIENT_TAX_ID": "BE0403170701",
    "MATTER_NAME": "Lease of the mill",
    "INVOICE_TAX_TOTAL": "63.00",
    "INVOICE_NET_TOTAL": "300.00",
    "INVOICE_CURRENCY": "EUR",
    "TIMEKEEPER_LAST_NAME": "Doe",
    "TIMEKEEPER_FIRST_NAME": "Jane",
    "ACCOUNT_TYPE": "O",
    "LAW_FIRM_NAME": "Alpha Law",
    "LAW_FIRM_COUNTRY": "BEL",
    "CLIENT_NAME": "Mill & Sons",
    "CLIENT_ADDRESS_1": "Rue du Moulin 1",
    "CLIENT_CITY": "Namur",
    "CLIENT_POSTCODE": "5000",
    "CLIENT_COUNTRY": "BEL",
    "LINE_ITEM_TAX_RATE": "0.21",
    "LINE_ITEM_TAX_TOTAL": "63.00",
    "LINE_ITEM_TAX_TYPE": "VAT",
}
_COLUMNS = {name.lower(): name for name in LEDES_1998BI.names}
SHORT = {
    **SHORT_1998B,
    "number": "INVOICE_NUMBER",
    "invoice_tax": "INVOICE_TAX_TOTAL",
    "net": "INVOICE_NET_TOTAL",
    "currency": "INVOICE_CURRENCY",
    "rate": "LINE_ITEM_TAX_RATE",
    "tax": "LINE_ITEM_TAX_TOTAL",
}


def row(**changes: str) -> str:
    """The right row with some fields changed: ``tax="1"`` or the column's name in small letters."""
    values = dict(RIGHT)
    for name, value in changes.items():
        values[SHORT.get(name) or _COLUMNS[name]] = value
    return "|".join(values[name] for name in LEDES_1998BI.names) + "[]"


def ledes(
    *rows: str, header: str = LEDES_1998BI.header, columns: str = LEDES_1998BI.column_line
) -> bytes:
    return "\r\n".join([header, columns, *rows, ""]).encode()


def read(content: bytes, **limits: Any) -> Reading:
    return read_bills(BytesIO(content), format="ledes1998bi", limits=Limits(**limits))


EXPENSE = {
    "type": "E",
    "units": "1",
    "task": "",
    "expense": "E110",
    "timekeeper_id": "",
    "timekeeper_name": "",
    "timekeeper_last_name": "",
    "timekeeper_first_name": "",
    "timekeeper_classification": "",
    "rate": "0",
    "tax": "0",
}

_FIRST = {"invoice_total": "814.95", "invoice_tax": "113.40", "net": "701.55"}


def good() -> bytes:
    """Two invoices: 814.95 EUR (21 % on 540, nothing on 161.55) and 121 GBP."""
    return ledes(
        row(item="1", **_FIRST),
        row(item="2", units="1.25", adjustment="-10", total="290.4", tax="50.40", **_FIRST),
        row(item="3", **{**EXPENSE, "cost": "161.55", "total": "161.55"}, **_FIRST),
        row(
            item="4",
            number="2026-015",
            matter="M-13",
            type="IF",
            units="",
            cost="",
            adjustment="",
            total="121.00",
            tax="21.00",
            invoice_total="121",
            invoice_tax="",
            net="100",
            currency="GBP",
        ),
    )


def bad() -> bytes:
    """Sums that do not add up: a line's tax, a line's total, the invoice's tax, net and total."""
    wrong = {"invoice_total": "726.50", "invoice_tax": "123.00", "net": "600.00"}
    return ledes(
        row(item="1", tax="60.00", total="360.00", **wrong),
        row(item="2", total="363.50", **wrong),
    )
