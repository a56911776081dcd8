"""LEDES 98BI V2, the international form of LEDES 1998B: with currency, parties and tax.

A text file: ``LEDES98BI V2[]``, 52 column names, then one row per line item. The first 24
columns are those of LEDES 1998B, and so are its rules; here LINE_ITEM_TOTAL and INVOICE_TOTAL
include tax. What a bill carries on is net, with the tax rate in percent on each line.

Two things follow from how the portal keeps bills. A rate of more than two decimals in percent
(6.1245 %) is refused, because a bill with another rate beside the same tax would be wrong. And
the portal computes tax once per rate on the total: a file whose INVOICE_TAX_TOTAL, rounded line
by line, comes to something else is refused when it is compared with what importing would write
(``import.tax_total``), never imported with another total.
"""

from typing import Final

from billing.formats.ledes1998b import Variant
from billing.formats.ledes1998bi.invoices import TaxedInvoices
from billing.formats.ledes1998bi.items import TaxedItems

LEDES_1998BI: Final = Variant(TaxedInvoices, TaxedItems)

__all__ = ["LEDES_1998BI"]
