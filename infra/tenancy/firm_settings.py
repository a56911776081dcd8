"""Settings that a room keeps for one firm: one row, validated by its own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models

from infra.common.errors import Invalid


def require_valid(instance: models.Model, fields: list[str]) -> None:
    """Run the validators of the named fields. Raises ``Invalid`` with the reasons of each field."""
    others = {field.name for field in instance._meta.concrete_fields} - set(fields)
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        raise Invalid(fields=error.message_dict) from error


class FirmSettings(models.Model):
    """The base of each room's settings: at most one row in a firm's schema."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)

    # The fields that ``change`` accepts.
    CHANGEABLE: ClassVar[frozenset[str]]

    class Meta:
        abstract = True

    @classmethod
    def current(cls) -> Self:
        """What the current firm decided, or the defaults while nothing was saved."""
        return cls._default_manager.first() or cls()

    @classmethod
    def change(cls, changes: Mapping[str, Any]) -> tuple[Self, list[str]]:
        """Save the named fields in the caller's transaction; returns the row and the names of those
        that hold another value than before.

        Raises ``Invalid`` naming every field that does not hold what it may.
        """
        names = sorted(changes)
        unknown = set(names) - cls.CHANGEABLE
        if unknown:
            raise TypeError(f"unknown settings: {sorted(unknown)}")
        row, _made = cls._default_manager.select_for_update().get_or_create(pk=1)
        before = {name: getattr(row, name) for name in names}
        for name in names:
            setattr(row, name, changes[name])
        require_valid(row, names)
        changed = [name for name in names if getattr(row, name) != before[name]]
        if changed:
            row.save(update_fields=changed)
        return row, changed


def only_row(name: str) -> models.CheckConstraint:
    """The constraint that keeps a table of settings to one row."""
    return models.CheckConstraint(condition=models.Q(id=1), name=name)
