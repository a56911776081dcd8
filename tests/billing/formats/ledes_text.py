"""Builds small LEDES 1998B files: one right row, and what a test changes in it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from billing.formats.bills import Limits, Reading
from billing.formats.ledes1998b.columns import COLUMN_LINE, NAMES
from billing.formats.reading import read_bills

RIGHT = {
    "INVOICE_DATE": "20260228",
    "INVOICE_NUMBER": "2026-014",
    "CLIENT_ID": "C-7",
    "LAW_FIRM_MATTER_ID": "M-12",
    "INVOICE_TOTAL": "300.00",
    "BILLING_START_DATE": "20260201",
    "BILLING_END_DATE": "20260228",
    "INVOICE_DESCRIPTION": "Work in February",
    "LINE_ITEM_NUMBER": "1",
    "EXP/FEE/INV_ADJ_TYPE": "F",
    "LINE_ITEM_NUMBER_OF_UNITS": "1.5",
    "LINE_ITEM_ADJUSTMENT_AMOUNT": "0",
    "LINE_ITEM_TOTAL": "300.00",
    "LINE_ITEM_DATE": "20260203",
    "LINE_ITEM_TASK_CODE": "L210",
    "LINE_ITEM_EXPENSE_CODE": "",
    "LINE_ITEM_ACTIVITY_CODE": "A103",
    "TIMEKEEPER_ID": "JD",
    "LINE_ITEM_DESCRIPTION": "Draft of the answer",
    "LAW_FIRM_ID": "BE0403019261",
    "LINE_ITEM_UNIT_COST": "200",
    "TIMEKEEPER_NAME": "Doe, Jane",
    "TIMEKEEPER_CLASSIFICATION": "ASSOC",
    "CLIENT_MATTER_ID": "",
}
SHORT = {
    "type": "EXP/FEE/INV_ADJ_TYPE",
    "units": "LINE_ITEM_NUMBER_OF_UNITS",
    "cost": "LINE_ITEM_UNIT_COST",
    "adjustment": "LINE_ITEM_ADJUSTMENT_AMOUNT",
    "total": "LINE_ITEM_TOTAL",
    "item": "LINE_ITEM_NUMBER",
    "day": "LINE_ITEM_DATE",
    "task": "LINE_ITEM_TASK_CODE",
    "expense": "LINE_ITEM_EXPENSE_CODE",
    "text": "LINE_ITEM_DESCRIPTION",
    "matter": "LAW_FIRM_MATTER_ID",
    "client": "CLIENT_ID",
}


def row(**changes: str) -> str:
    """The right row with some fields changed: ``total="1"`` or the column's name in small letters."""
    values = dict(RIGHT)
    for name, value in changes.items():
        column = SHORT.get(name, name.upper())
        assert column in values, column
        values[column] = value
    return "|".join(values[name] for name in NAMES) + "[]"


def ledes(
    *rows: str, header: str = "LEDES1998B[]", columns: str = COLUMN_LINE, end: str = "\r\n"
) -> bytes:
    return end.join([header, columns, *rows, ""]).encode()


def read(content: bytes, **limits: Any) -> Reading:
    return read_bills(BytesIO(content), format="ledes1998b", limits=Limits(**limits))


def rules(reading: Reading) -> list[tuple[int, str]]:
    """Line and rule of every problem."""
    return [(problem.line, problem.rule) for problem in reading.problems]
