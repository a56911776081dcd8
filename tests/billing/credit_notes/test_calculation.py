"""What a credit note comes to: parts add up to the whole, to the cent, and never to more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.credit_notes.calculation import Left, LeftLine, NotCreditable, credit_sums, left_rates
from billing.invoices.totals import totals_of

RATES = (None, Decimal(0), Decimal(6), Decimal(21))


def _left(lines: Sequence[tuple[Decimal, Any]], currency: str = "EUR") -> Left:
    """All of an invoice with these net amounts and VAT rates."""
    found = tuple(
        LeftLine(at, f"Line {at}", None, "", rate, amount, amount)
        for at, (amount, rate) in enumerate(lines, start=1)
    )
    sums = totals_of(found, currency)
    vat = {group.rate: group.amount for group in sums.groups}
    return Left(currency, Decimal(0), found, left_rates(found, vat))


def _without(left: Left, wanted: dict[int, Decimal]) -> Left:
    """What is left after a note over ``wanted``."""
    sums = credit_sums(left, wanted)
    lines = tuple(
        replace(line, left=line.left - wanted.get(line.position, Decimal(0))) for line in left.lines
    )
    taken = {group.rate: group.amount for group in sums.groups}
    vat = {
        rate: rest.vat - taken.get(rate, Decimal(0))
        for rate, rest in left.rates.items()
        if rate is not None
    }
    return Left(left.currency, left.credited + sums.gross, lines, left_rates(lines, vat))


def test_a_part_carries_its_vat() -> None:
    left = _left([(Decimal(400), Decimal(21)), (Decimal(50), Decimal(21))])
    sums = credit_sums(left, {1: Decimal(100)})
    assert (sums.net, sums.vat, sums.gross) == (Decimal(100), Decimal("21.00"), Decimal("121.00"))


def test_lines_outside_vat_carry_none() -> None:
    left = _left([(Decimal(400), Decimal(21)), (Decimal(165), None)])
    sums = credit_sums(left, {2: Decimal(165)})
    assert (sums.net, sums.vat, sums.groups) == (Decimal(165), Decimal(0), ())


def test_the_last_part_takes_the_cent_that_rounding_left() -> None:
    left = _left([(Decimal("0.07"), Decimal(21)), (Decimal("0.07"), Decimal(21))])
    assert left.total == Decimal("0.17")
    after = _without(left, {1: Decimal("0.07")})
    assert after.credited == Decimal("0.08")
    assert credit_sums(after, {2: Decimal("0.07")}).gross == Decimal("0.09")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({1: Decimal("400.01")}, "lines[0].amount"),
        ({1: Decimal(-1)}, "lines[0].amount"),
        ({1: Decimal(0)}, "lines[0].amount"),
        ({1: Decimal("0.001")}, "lines[0].amount"),
        ({1: Decimal(1), 9: Decimal(1)}, "lines[1].position"),
    ],
)
def test_refuses_a_line_naming_it(wanted: dict[int, Decimal], field: str) -> None:
    left = _left([(Decimal(400), Decimal(21)), (Decimal(-75), Decimal(21))])
    with pytest.raises(NotCreditable) as caught:
        credit_sums(left, wanted)
    assert list(caught.value.fields) == [field]


def test_refuses_to_leave_a_discount_behind() -> None:
    left = _left([(Decimal(400), Decimal(21)), (Decimal(-75), Decimal(21))])
    with pytest.raises(NotCreditable, match="more than the client was billed"):
        credit_sums(left, {1: Decimal(400)})
    assert credit_sums(left, left.everything).gross == left.total == Decimal("393.25")


def test_refuses_a_discount_by_itself_and_nothing_at_all() -> None:
    left = _left([(Decimal(400), Decimal(21)), (Decimal(-75), None)])
    for wanted in ({2: Decimal(-75)}, {}):
        with pytest.raises(NotCreditable, match="above zero"):
            credit_sums(left, wanted)


amounts = st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 100)


@given(
    lines=st.lists(st.tuples(amounts, st.sampled_from(RATES)), min_size=1, max_size=6),
    cuts=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 100)), max_size=8),
)
def test_any_parts_and_the_rest_are_the_whole(
    lines: list[tuple[Decimal, Any]], cuts: list[tuple[int, int]]
) -> None:
    left = _left(lines)
    whole = left.total
    for at, percent in cuts:
        line = left.lines[at % len(left.lines)]
        part = (line.left * percent / 100).quantize(Decimal("0.01"))
        if part > 0:
            left = _without(left, {line.position: part})
            assert left.total == whole - left.credited >= 0
    assume(left.total > 0)
    after = _without(left, left.everything)
    assert (after.credited, after.total, after.everything) == (whole, Decimal(0), {})
