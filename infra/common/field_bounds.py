"""The bounds that a model's field declares, for forms and API input."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


def bounds(model: type[models.Model], name: str) -> dict[str, Any]:
    """``max_length``, ``min_value`` and ``max_value`` of a field, those that it has: the arguments
    of a form's or serializer's field, so that each bound is declared once, by the model."""
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101
    found: dict[str, Any] = {}
    if field.max_length is not None:
        found["max_length"] = field.max_length
    # A column of small integers has validators for what the database holds, besides its own.
    least = [one.limit_value for one in field.validators if isinstance(one, MinValueValidator)]
    most = [one.limit_value for one in field.validators if isinstance(one, MaxValueValidator)]
    if least:
        found["min_value"] = max(least)
    if most:
        found["max_value"] = min(most)
    return found
