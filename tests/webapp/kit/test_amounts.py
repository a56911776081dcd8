"""Amounts as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from webapp.portal.forms import parsed_amount


@pytest.mark.parametrize(
    ("text", "group", "amount"),
    [
        ("150", ",", "150"),
        ("150.00", ",", "150"),
        ("150,00", ",", "150"),
        ("150,5", ".", "150.5"),
        ("1,240.50", ",", "1240.50"),
        ("1.240,50", ".", "1240.50"),
        ("1.240,50", ",", "1240.50"),
        ("1 240,50", "\u202f", "1240.50"),
        ("1\u202f240,50", "\u202f", "1240.50"),
        ("1'240.50", ",", "1240.50"),
        ("€ 1.240", ".", "1240"),
        ("1,240", ",", "1240"),
        ("1,240", ".", "1.240"),
        ("1.234.567", ".", "1234567"),
        ("EUR 12", ",", "12"),
        ("US 12", ",", None),
        ("1,2,3", ",", None),
        ("1.24,5.0", ",", None),
        ("12,34.56", ",", None),
        ("-5", ",", None),
        ("1e9", ",", None),
        ("NaN", ",", None),
        ("", ",", None),
        ("٣", ",", None),
        (".", ",", None),
        ("5.", ",", "5"),
    ],
)
def test_reads_an_amount(text: str, group: str, amount: str | None) -> None:
    wanted = Decimal(amount) if amount is not None else None
    assert parsed_amount(text, group) == wanted
