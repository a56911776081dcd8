"""Stripe's smallest units, where they differ from ISO and CLDR too."""

from decimal import Decimal

import pytest

from billing.gateway.stripe.amounts import from_stripe, to_stripe
from infra.common.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("12.34", "EUR", 1234),
        ("0.01", "USD", 1),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("100", "ISK", 10000),
        ("100", "UGX", 10000),
        ("100", "RSD", 10000),
    ],
)
def test_units_of_a_currency(amount: str, currency: str, units: int) -> None:
    money = Money(Decimal(amount), currency)
    assert to_stripe(money) == units
    assert from_stripe(units, currency.lower()) == money
