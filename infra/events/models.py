"""The outbox table."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from infra.common.primary_keys import new_key


class OutboxMessage(models.Model):
    """One thing to do after commit; kept until done, tried again with growing pauses."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    topic = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        db_table = "outbox_message"
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outbox_waiting",
                condition=models.Q(done_at__isnull=True, gave_up_at__isnull=True),
            )
        ]
