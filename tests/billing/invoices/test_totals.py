"""VAT once per rate on the total; property-tested."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices.totals import line_amount, totals_of
from infra.common.money import CurrencyMismatch, Money, split, total


@dataclass
class Line:
    amount: Decimal
    vat_rate: Decimal | None


def test_vat_is_rounded_on_the_total_of_its_rate_not_per_line() -> None:
    lines = [Line(Decimal("1.24"), Decimal(10)), Line(Decimal("1.24"), Decimal(10))]
    assert totals_of(lines, "EUR").vat == Decimal("0.25")


def test_a_line_outside_vat_counts_for_the_net_only() -> None:
    sums = totals_of([Line(Decimal(100), Decimal(21)), Line(Decimal(50), None)], "EUR")
    assert (sums.net, sums.vat, sums.gross) == (Decimal(150), Decimal(21), Decimal(171))
    assert [group.base for group in sums.groups] == [Decimal(100)]


def test_currencies_round_by_their_own_precision() -> None:
    assert line_amount(Decimal("1.5"), Decimal("333"), Decimal(0), "JPY") == Decimal(500)
    assert line_amount(Decimal("0.333"), Decimal("1"), Decimal(0), "KWD") == Decimal("0.33")


def test_three_decimals_are_never_summed_up_finer_than_they_are_kept() -> None:
    lines = [Line(line_amount(Decimal(1), Decimal("0.333"), Decimal(0), "KWD"), Decimal(5))] * 3
    sums = totals_of(lines, "KWD")
    assert (sums.net, sums.vat) == (Decimal("0.99"), Decimal("0.05"))


def test_three_decimals_are_not_rounded_twice() -> None:
    # 21 % of 128.26 is 26.9346: 26.935 on the way would end at 26.94.
    sums = totals_of([Line(Decimal("128.26"), Decimal(21))], "KWD")
    assert sums.vat == Decimal("26.93")
    assert totals_of([Line(Decimal("128"), Decimal(21))], "JPY").vat == Decimal("27.00")


amounts = st.decimals(min_value=-10000, max_value=10000, places=2)
rates = st.sampled_from([None, Decimal(0), Decimal(6), Decimal("5.5"), Decimal(21)])


@given(st.lists(st.builds(Line, amounts, rates), max_size=30))
def test_the_parts_always_sum_to_the_whole(lines: list[Line]) -> None:
    sums = totals_of(lines, "EUR")
    assert sums.net == sum((line.amount for line in lines), Decimal(0))
    assert sums.vat == sum((group.amount for group in sums.groups), Decimal(0))
    assert sums.gross == sums.net + sums.vat


@given(
    st.integers(min_value=0, max_value=10**9),
    st.lists(
        st.decimals(min_value=Decimal("0.01"), max_value=1000, places=2), min_size=1, max_size=12
    ),
)
def test_a_split_loses_no_cent(minor: int, weights: list[Decimal]) -> None:
    money = Money.from_minor(minor, "EUR")
    assert total(split(money, weights), "EUR") == money


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")
