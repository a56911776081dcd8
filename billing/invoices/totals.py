"""Sums of an invoice: net, VAT once per rate on the sum of its lines, total.

EN 16931 BR-S-09 and the Belgian decree of 14 July 2025 ask for VAT per rate on the
total, not per line; rounding is half up to the currency's precision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from infra.common.money import minor_exponent

HUNDRED = Decimal(100)
CENT = Decimal("0.01")


class Priced(Protocol):
    """A line as far as sums are concerned: net amount and VAT rate in percent (None: outside VAT)."""

    @property
    def amount(self) -> Decimal: ...

    @property
    def vat_rate(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class VatGroup:
    """VAT of one rate: base and amount in the invoice's currency."""

    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What the lines add up to."""

    net: Decimal
    vat: Decimal
    groups: tuple[VatGroup, ...]

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def billable(amount: Decimal, currency: str) -> Decimal:
    """``amount`` at the currency's precision, half up, and never finer than the two decimals that
    bills hold (of the dinar's three; gateways take dinars in tens of fils too)."""
    # Rounded once: thousandths first would carry 26.9346 to 26.935 and on to 26.94.
    step = max(CENT, Decimal(1).scaleb(-minor_exponent(currency)))
    return amount.quantize(step, rounding=ROUND_HALF_UP).quantize(CENT)


def line_amount(
    quantity: Decimal, unit_price: Decimal, adjustment: Decimal, currency: str
) -> Decimal:
    """Quantity × unit price + adjustment, at the currency's precision (``billable``)."""
    return billable(quantity * unit_price + adjustment, currency)


def totals_of(lines: Iterable[Priced], currency: str) -> Totals:
    """Net, VAT per rate and total of ``lines``."""
    net = Decimal(0)
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        net += line.amount
        if line.vat_rate is not None:
            bases[line.vat_rate] = bases.get(line.vat_rate, Decimal(0)) + line.amount
    groups = tuple(
        VatGroup(rate, base, billable(base * rate / HUNDRED, currency))
        for rate, base in sorted(bases.items(), reverse=True)
    )
    vat = sum((group.amount for group in groups), Decimal(0))
    return Totals(billable(net, currency), vat, groups)
