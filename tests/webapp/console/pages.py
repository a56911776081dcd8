"""What the tests of the console's pages share."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

LEDES_HEAD = (
    "LEDES1998B[]\n"
    "INVOICE_DATE|INVOICE_NUMBER|CLIENT_ID|LAW_FIRM_MATTER_ID|INVOICE_TOTAL|BILLING_START_DATE"
    "|BILLING_END_DATE|INVOICE_DESCRIPTION|LINE_ITEM_NUMBER|EXP/FEE/INV_ADJ_TYPE"
    "|LINE_ITEM_NUMBER_OF_UNITS|LINE_ITEM_ADJUSTMENT_AMOUNT|LINE_ITEM_TOTAL|LINE_ITEM_DATE"
    "|LINE_ITEM_TASK_CODE|LINE_ITEM_EXPENSE_CODE|LINE_ITEM_ACTIVITY_CODE|TIMEKEEPER_ID"
    "|LINE_ITEM_DESCRIPTION|LAW_FIRM_ID|LINE_ITEM_UNIT_COST|TIMEKEEPER_NAME"
    "|TIMEKEEPER_CLASSIFICATION|CLIENT_MATTER_ID[]\n"
)


def ledes_row(
    number: int,
    *,
    invoice: str = "96542",
    client: str = "00711",
    total: str = "1684.45",
    units: str = "2.00",
    price: str = "350",
    adjustment: str = "0",
    amount: str = "700",
) -> str:
    """One fee line of a LEDES 1998B file."""
    return (
        f"20260225|{invoice}|{client}|0528|{total}|20260101|20260131|For services rendered|{number}"
        f"|F|{units}|{adjustment}|{amount}|20260115|L510||A102|22547|Research|24-6437381|{price}"
        "|Arnsley, Robert|PARTNR|423-987[]\n"
    )


def good_ledes() -> str:
    """Two invoices, six lines (the first on line 3): 1684.45 and 1250.00."""
    return (
        LEDES_HEAD
        + ledes_row(1, adjustment="-70", amount="630")
        + ledes_row(2)
        + ledes_row(3, units="1.00", price="250.40", amount="250.40")
        + ledes_row(4, units="1.00", price="100", amount="100")
        + ledes_row(5, units="1.00", price="4.05", amount="4.05")
        + ledes_row(6, invoice="96543", total="1250.00", units="5", price="250", amount="1250.00")
    )


def bad_ledes() -> str:
    """The same and a ninth line: invoice 96543 for another client, line number 6 again."""
    return good_ledes() + ledes_row(
        6, invoice="96543", client="500", total="1250.00", units="5", price="250", amount="1250.00"
    )


def upload(text: str, name: str = "bills.txt") -> SimpleUploadedFile:
    """The text as a file that a person hands in."""
    return SimpleUploadedFile(name, text.encode())


def words(answer: Any) -> str:
    """The page as text."""
    return " ".join(answer.content.decode().split())
