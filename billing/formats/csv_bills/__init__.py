"""Bills from a spreadsheet: one row per invoice line, the columns mapped to our fields."""

from billing.formats.csv_bills.columns import FIELDS, CsvField, guess_mapping
from billing.formats.csv_bills.reading import read_csv_bills
from billing.formats.csv_bills.values import CsvOptions, DateOrder, DecimalMark

__all__ = [
    "FIELDS",
    "CsvField",
    "CsvOptions",
    "DateOrder",
    "DecimalMark",
    "guess_mapping",
    "read_csv_bills",
]
