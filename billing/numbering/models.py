"""The number series of invoices, credit notes and receipts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class NumberSeries(models.Model):
    """A gapless run of numbers: ``prefix`` plus a counter that moves under a row lock."""

    code = models.CharField(max_length=20, primary_key=True)
    prefix = models.CharField(max_length=20, blank=True, default="")
    next_number = models.PositiveIntegerField(default=1)
    digits = models.PositiveSmallIntegerField(default=4)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        db_table = "number_series"

    def __str__(self) -> str:
        return self.code


class SkippedNumber(models.Model):
    """A number of the series that a document from elsewhere (an import) already carried."""

    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="skipped")
    number = models.CharField(max_length=50)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        db_table = "skipped_number"
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="skipped_number_once")
        ]

    def __str__(self) -> str:
        return self.number
