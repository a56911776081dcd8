"""Shapes that several resources share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers


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
