"""The columns that LEDES 98BI V2 adds to the 24 of LEDES 1998B."""

from __future__ import annotations

from typing import Final

from billing.formats.ledes1998b.columns import COLUMNS as FIRST_COLUMNS
from billing.formats.ledes1998b.columns import Column, Layout


def _address_of(party: str) -> tuple[Column, ...]:
    return (
        Column(f"{party}_NAME", 60, False),
        Column(f"{party}_ADDRESS_1", 60, False),
        Column(f"{party}_ADDRESS_2", 60, False),
        Column(f"{party}_CITY", 40, False),
        Column(f"{party}_STATEorREGION", 40, False),
        Column(f"{party}_POSTCODE", 20, False),
        Column(f"{party}_COUNTRY", 3, False),
    )


COLUMNS: Final = (
    *FIRST_COLUMNS,
    Column("PO_NUMBER", 100, False),
    Column("CLIENT_TAX_ID", 20, True),
    Column("MATTER_NAME", 255, True),
    Column("INVOICE_TAX_TOTAL", 18, False),
    Column("INVOICE_NET_TOTAL", 18, True),
    Column("INVOICE_CURRENCY", 3, True),
    Column("TIMEKEEPER_LAST_NAME", 30, False),
    Column("TIMEKEEPER_FIRST_NAME", 30, False),
    Column("ACCOUNT_TYPE", 1, True),
    *_address_of("LAW_FIRM"),
    *_address_of("CLIENT"),
    Column("LINE_ITEM_TAX_RATE", 8, False),
    Column("LINE_ITEM_TAX_TOTAL", 18, True),
    Column("LINE_ITEM_TAX_TYPE", 20, False),
    Column("INVOICE_REPORTED_TAX_TOTAL", 18, False),
    Column("INVOICE_TAX_CURRENCY", 3, False),
)

# Where each added column stands in a row that was split.
(
    PO_NUMBER,
    CLIENT_TAX_ID,
    MATTER_NAME,
    INVOICE_TAX_TOTAL,
    INVOICE_NET_TOTAL,
    INVOICE_CURRENCY,
    TIMEKEEPER_LAST_NAME,
    TIMEKEEPER_FIRST_NAME,
    ACCOUNT_TYPE,
    LAW_FIRM_NAME,
    LAW_FIRM_ADDRESS_1,
    LAW_FIRM_ADDRESS_2,
    LAW_FIRM_CITY,
    LAW_FIRM_REGION,
    LAW_FIRM_POSTCODE,
    LAW_FIRM_COUNTRY,
    CLIENT_NAME,
    CLIENT_ADDRESS_1,
    CLIENT_ADDRESS_2,
    CLIENT_CITY,
    CLIENT_REGION,
    CLIENT_POSTCODE,
    CLIENT_COUNTRY,
    TAX_RATE,
    LINE_ITEM_TAX_TOTAL,
    TAX_TYPE,
    REPORTED_TAX_TOTAL,
    TAX_CURRENCY,
) = range(len(FIRST_COLUMNS), len(COLUMNS))

LEDES_1998BI: Final = Layout(
    title="LEDES 98BI V2",
    rules="ledes1998bi",
    header="LEDES98BI V2[]",
    columns=COLUMNS,
    currency=INVOICE_CURRENCY,
)
