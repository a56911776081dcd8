"""The line item of a LEDES 98BI row: what LEDES 1998B has, and its tax."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.ledes1998b.fields import Fields
from billing.formats.ledes1998b.items import INDICES as FIRST_INDICES
from billing.formats.ledes1998b.items import Items, Tax
from billing.formats.ledes1998bi import columns as col

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

INDICES: Final = (
    *FIRST_INDICES,
    col.TIMEKEEPER_LAST_NAME,
    col.TIMEKEEPER_FIRST_NAME,
    col.ACCOUNT_TYPE,
    col.TAX_RATE,
    col.LINE_ITEM_TAX_TOTAL,
    col.TAX_TYPE,
)
#: A fraction: 0, 0.21, .061245, 1.
_RATE = re.compile(r"0?\.[0-9]{1,6}|0\.?|1(?:\.0{0,6})?")
#: What a rate in percent keeps here: two decimals, so four in the file.
_PERCENT: Final = Decimal("0.01")


class TaxedItems(Items):
    """Reads line items with tax: LINE_ITEM_TOTAL includes it, the line of the bill does not."""

    indices: ClassVar[tuple[int, ...]] = INDICES
    total_message: ClassVar[_StrPromise] = _(
        "LINE_ITEM_TOTAL is {found}, but units × unit cost + adjustment + tax is {expected}."
        " Correct the total or the figures it comes from."
    )

    def tax(self, fields: Fields) -> Tax | None:
        """Rate and amount as stated; an empty rate means that the line is outside tax."""
        account = fields.texts[col.ACCOUNT_TYPE]
        if account and account not in ("O", "T"):
            fields.refuse(
                col.ACCOUNT_TYPE,
                "account_type",
                _("ACCOUNT_TYPE must be O (own account) or T (third party)."),
                expected="O, T",
                found=account,
            )
        rate, amount = self._rate(fields), fields.amount(col.LINE_ITEM_TAX_TOTAL)
        return None if amount is None else Tax(rate, amount)

    def _rate(self, fields: Fields) -> Decimal | None:
        text = fields.texts[col.TAX_RATE]
        if not text:
            return None
        if not _RATE.fullmatch(text):
            fields.refuse(
                col.TAX_RATE,
                "tax_rate",
                _(
                    "LINE_ITEM_TAX_RATE must be a fraction from 0 to 1 with at most 6 decimals:"
                    " 0.21 for 21 %."
                ),
                expected="0 – 1",
                found=text,
            )
            return None
        return Decimal(text) * 100

    def timekeeper_name(self, texts: list[str]) -> str:
        """Surname first as in LEDES 1998B, from the two columns of their own where filled."""
        names = (texts[col.TIMEKEEPER_LAST_NAME], texts[col.TIMEKEEPER_FIRST_NAME])
        return ", ".join(filter(None, names)) or super().timekeeper_name(texts)

    def check_sums(self, fields: Fields, net: Decimal, total: Decimal, tax: Tax) -> None:
        """The tax is the rate of ``net``, the total includes it, and the rate can be kept."""
        self.check_sum(
            fields,
            col.LINE_ITEM_TAX_TOTAL,
            "line_tax_total",
            _(
                "LINE_ITEM_TAX_TOTAL is {found}, but (units × unit cost + adjustment) × tax rate is"
                " {expected}. Correct the tax or the figures it comes from."
            ),
            net * (tax.rate or Decimal(0)) / 100,
            tax.amount,
        )
        super().check_sums(fields, net, total, tax)
        if tax.rate is not None and tax.rate % _PERCENT:
            fields.refuse(
                col.TAX_RATE,
                "tax_rate_precision",
                format_lazy(
                    _(
                        "This tax rate is {rate} %. Bills here keep a rate in percent with two decimals"
                        " (4 in the file), and would show another rate than the one that was charged."
                    ),
                    rate=f"{tax.rate.normalize():f}",
                ),
                expected="0.0000",
                found=fields.texts[col.TAX_RATE],
            )
