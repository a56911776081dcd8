"""The 24 columns of LEDES 1998B: order, greatest length, whether a row must fill them.

Layouts that continue these columns (LEDES 98BI) share their positions.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SEPARATOR: Final = "|"
ROW_END: Final = "[]"

#: The members of the family, by their first line, so that a refusal can name them.
VARIANTS: Final = (
    "LEDES1998B",
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


class Layout:
    """One member of the family: its first line, its columns, and the name its rules begin with.

    ``currency`` is the position of the column that names the currency, where there is one.
    """

    __slots__ = ("column_line", "columns", "currency", "header", "names", "rules", "title")

    def __init__(
        self,
        *,
        title: str,
        rules: str,
        header: str,
        columns: tuple[Column, ...],
        currency: int | None = None,
    ) -> None:
        self.title = title
        self.rules = rules
        self.header = header
        self.columns = columns
        self.currency = currency
        self.names = tuple(column.name for column in columns)
        self.column_line = SEPARATOR.join(self.names) + ROW_END


LEDES_1998B: Final = Layout(
    title="LEDES 1998B", rules="ledes1998b", header="LEDES1998B[]", columns=COLUMNS
)
HEADER: Final = LEDES_1998B.header
NAMES: Final = LEDES_1998B.names
COLUMN_LINE: Final = LEDES_1998B.column_line

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
