"""Shapes that several resources share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers


class _InAscii:
    """Numbers and days in ASCII, without Python's ``1_000``: ``int`` and ``Decimal`` would also read
    the digits of other scripts, which people take for something else."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and (not data.isascii() or "_" in data):
            self.fail("invalid", format="YYYY-MM-DD")  # type: ignore[attr-defined]
        return super().to_internal_value(data)  # type: ignore[misc]


class DecimalInput(_InAscii, serializers.DecimalField):
    """An exact number."""


class WholeNumberInput(_InAscii, serializers.IntegerField):
    """A whole number."""


class DayInput(_InAscii, serializers.DateField):
    """A day: ``2026-12-31``."""


class MomentInput(_InAscii, serializers.DateTimeField):
    """A moment: ``2026-12-31T12:00:00Z``."""


class MoneyOutput(serializers.Serializer[Any]):
    """An exact amount with its ISO 4217 currency: ``{"amount": "1234.50", "currency": "EUR"}``."""

    amount = serializers.CharField(help_text="Decimal with a point, at the currency's precision.")
    currency = serializers.CharField(help_text="ISO 4217.")


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """An amount as the API shows it."""
    return {"amount": str(amount), "currency": currency}


class NamedOutput(serializers.Serializer[Any]):
    """Another thing by id and name."""

    id = serializers.UUIDField()
    name = serializers.CharField()
