"""Counters of limited actions."""

from __future__ import annotations

from django.db import models


class Counter(models.Model):
    """How often one subject used one limit in the window that ends at ``ends_at``.

    ``key`` is a keyed hash of the firm, the limit and the subject: it names no person.
    """

    key = models.CharField(max_length=64, primary_key=True)
    used = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "throttle_counter"
