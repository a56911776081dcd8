"""Stored events and one delivery for each of their subscribers."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from infra.common.primary_keys import new_key


class StoredEvent(models.Model):
    """An event that has at least one subscriber, as it was emitted."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    name = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "stored_event"
        indexes = [models.Index(fields=["name", "-created_at"], name="stored_event_recent")]


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by state."""

    def pending(self) -> DeliveryQuerySet:
        """Neither delivered nor dead."""
        return self.filter(delivered_at__isnull=True, dead_at__isnull=True)

    def dead(self) -> DeliveryQuerySet:
        """Given up after the last try."""
        return self.filter(dead_at__isnull=False)


class Delivery(models.Model):
    """An event on its way to one subscriber; tried again with growing pauses, then dead.

    ``due_at`` is the moment of the next try; while a worker has the delivery, the end of its claim.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    event = models.ForeignKey(StoredEvent, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=200)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        db_table = "event_delivery"
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="delivery_pending",
                condition=models.Q(delivered_at__isnull=True, dead_at__isnull=True),
            )
        ]
