"""LEDES 1998B, the most used format of electronic legal bills (frozen since 1998).

A text file: ``LEDES1998B[]``, the 24 column names, then one row per line item; fields are
separated by ``|`` and each row ends with ``[]``. It names no currency and no VAT.
The rules follow the format's description by the LEDES Oversight Committee; where receivers
differ, a deviation is a warning.
"""

from billing.formats.ledes1998b.invoices import Invoice
from billing.formats.ledes1998b.reading import LEDES_1998B, InvoiceRow, Variant, read_rows
from billing.formats.ledes1998b.writing import CannotBeLedes, write_ledes1998b

__all__ = [
    "LEDES_1998B",
    "CannotBeLedes",
    "Invoice",
    "InvoiceRow",
    "Variant",
    "read_rows",
    "write_ledes1998b",
]
