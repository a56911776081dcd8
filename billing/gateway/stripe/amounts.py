"""Money in Stripe's smallest units, which are not always those of ISO 4217 or CLDR.

Stripe counts a fixed list of currencies without decimals and five with three; all others,
also where CLDR says none (ISK, UGX, HUF, RSD …), in hundredths.
Source: Stripe's documentation on currencies, "zero-decimal" and "three-decimal" lists.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from infra.common.money import Money

_WITHOUT_DECIMALS: Final = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA")
    + ("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THREE_DECIMALS: Final = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


def _exponent(currency: str) -> int:
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def to_stripe(money: Money) -> int:
    """The amount as Stripe writes it; raises ``ValueError`` where it has no such unit."""
    units = money.amount.scaleb(_exponent(money.currency))
    if units != units.to_integral_value():
        raise ValueError(f"{money} has no whole number of Stripe units")
    return int(units)


def from_stripe(units: int, currency: str) -> Money:
    """Stripe's integer and its small-letter currency code as money."""
    code = currency.upper()
    return Money(Decimal(units).scaleb(-_exponent(code)), code)
