"""The 24 columns of LEDES 1998B: order, greatest length, whether a row must fill them."""

from __future__ import annotations

from typing import Final, NamedTuple

HEADER: Final = "LEDES1998B[]"
SEPARATOR: Final = "|"
ROW_END: Final = "[]"

#: Other members of the family, by their first line, so that a refusal can name them.
OTHER_VARIANTS: Final = (
    "LEDES98BI V2",
    "LEDES98BI V5",
    "LEDES98BI",
    "LEDES1998BI V2",
    "LEDES1998BI",
    "LEDES1998A",
    "LEDES1998",
    "LEDES2000",
    "LEDESXML",
)


class Column(NamedTuple):
    """One column; ``length`` in characters."""

    name: str
    length: int
    required: bool


COLUMNS: Final = (
    Column("INVOICE_DATE", 8, True),
    Column("INVOICE_NUMBER", 20, True),
    Column("CLIENT_ID", 20, True),
    Column("LAW_FIRM_MATTER_ID", 20, True),
    Column("INVOICE_TOTAL", 18, True),
    Column("BILLING_START_DATE", 8, False),
    Column("BILLING_END_DATE", 8, False),
    Column("INVOICE_DESCRIPTION", 15360, False),
    Column("LINE_ITEM_NUMBER", 20, True),
    Column("EXP/FEE/INV_ADJ_TYPE", 2, True),
    Column("LINE_ITEM_NUMBER_OF_UNITS", 18, False),
    Column("LINE_ITEM_ADJUSTMENT_AMOUNT", 18, False),
    Column("LINE_ITEM_TOTAL", 18, True),
    Column("LINE_ITEM_DATE", 8, True),
    Column("LINE_ITEM_TASK_CODE", 20, False),
    Column("LINE_ITEM_EXPENSE_CODE", 20, False),
    Column("LINE_ITEM_ACTIVITY_CODE", 20, False),
    Column("TIMEKEEPER_ID", 20, False),
    Column("LINE_ITEM_DESCRIPTION", 15360, False),
    Column("LAW_FIRM_ID", 20, True),
    Column("LINE_ITEM_UNIT_COST", 18, False),
    Column("TIMEKEEPER_NAME", 30, False),
    Column("TIMEKEEPER_CLASSIFICATION", 10, False),
    Column("CLIENT_MATTER_ID", 20, False),
)
NAMES: Final = tuple(column.name for column in COLUMNS)
COLUMN_LINE: Final = SEPARATOR.join(NAMES) + ROW_END

# Where each column stands in a row that was split.
(
    INVOICE_DATE,
    INVOICE_NUMBER,
    CLIENT_ID,
    LAW_FIRM_MATTER_ID,
    INVOICE_TOTAL,
    BILLING_START_DATE,
    BILLING_END_DATE,
    INVOICE_DESCRIPTION,
    LINE_ITEM_NUMBER,
    ITEM_TYPE,
    NUMBER_OF_UNITS,
    ADJUSTMENT_AMOUNT,
    LINE_ITEM_TOTAL,
    LINE_ITEM_DATE,
    TASK_CODE,
    EXPENSE_CODE,
    ACTIVITY_CODE,
    TIMEKEEPER_ID,
    LINE_ITEM_DESCRIPTION,
    LAW_FIRM_ID,
    UNIT_COST,
    TIMEKEEPER_NAME,
    TIMEKEEPER_CLASSIFICATION,
    CLIENT_MATTER_ID,
) = range(24)

#: Timekeeper classes of the standard, those of old files, and the two of fee adjustments.
CLASSIFICATIONS: Final = frozenset(
    {"PARTNR", "ASSOC", "OFCNSL", "PRLGL", "LGLAST", "OTH", "FLTFEE", "ADJSMT"}
    | {"PT", "AS", "OC", "PL", "LA", "OT"}
)
