"""Numbers and days are written in ASCII; Python reads more than people mean."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms

from webapp.kit.amounts import AmountField, DayField, ExactField, WholeNumberField


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *(
            (kind, text)
            for kind in (WholeNumberField, ExactField, AmountField)
            for text in (
                "１２３",
                "١٢٣",
                "1_0",
                "NaN",
                "Infinity",
                "1e400",
                "1E-17000",
                "9" * 5_000,
                "\ud800",
            )
        ),
        *(
            (DayField, text)
            for text in ("２０２６-０１-０１", "0000-01-01", "10000-01-01", "2026-02-30")
        ),
    ],
)
def test_what_is_no_plain_number_or_day_is_refused(field: type[forms.Field], text: str) -> None:
    options: dict[str, Any] = {"max_digits": 14, "decimal_places": 2} if field is ExactField else {}
    with pytest.raises(forms.ValidationError):
        field(**options).clean(text)
