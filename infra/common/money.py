"""Money is an exact decimal with an ISO 4217 currency; amounts of two currencies never meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from babel.numbers import get_currency_precision, list_currencies


class CurrencyMismatch(ValueError):
    """Two currencies were to be added or compared."""


def minor_exponent(currency: str) -> int:
    """Digits after the point of a currency: 2 for EUR, 0 for JPY, 3 for KWD (CLDR data)."""
    return get_currency_precision(currency)


def is_currency(code: str) -> bool:
    """Whether ``code`` is an ISO 4217 code that CLDR knows."""
    return code in list_currencies()


def rounded(amount: Decimal, currency: str) -> Decimal:
    """``amount`` at the currency's precision, half up (commercial rounding)."""
    return amount.quantize(Decimal(1).scaleb(-minor_exponent(currency)), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount at its currency's precision. Adding, subtracting and comparing demand one currency."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", rounded(Decimal(self.amount), self.currency))

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(Decimal(0), currency)

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Self:
        """From an integer in the smallest unit (cents), as gateways speak."""
        return cls(Decimal(minor).scaleb(-minor_exponent(currency)), currency)

    @property
    def minor(self) -> int:
        """The amount as an integer in the smallest unit (cents)."""
        return int(self.amount.scaleb(minor_exponent(self.currency)))

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum in ``currency``; raises ``CurrencyMismatch`` at the first other one."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def split(money: Money, weights: Sequence[Decimal]) -> list[Money]:
    """Parts in proportion to ``weights`` that sum to ``money`` exactly (largest remainder)."""
    whole = sum(weights, Decimal(0))
    if not weights or whole <= 0:
        raise ValueError("weights must be positive")
    exact = [Decimal(money.minor) * weight / whole for weight in weights]
    parts = [int(value // 1) for value in exact]
    order = sorted(range(len(parts)), key=lambda i: exact[i] - parts[i], reverse=True)
    for index in order[: money.minor - sum(parts)]:
        parts[index] += 1
    return [Money.from_minor(part, money.currency) for part in parts]
