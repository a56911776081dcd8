"""The trail: events as they happen, seals that chain them.

Both tables refuse UPDATE, DELETE and TRUNCATE by grant and by trigger (migration
``append_only``). Events are written in the transaction of the fact; a sealer chains
them a moment later, so that no business transaction waits for another one's lock.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from infra.common.primary_keys import new_key


class AuditEvent(models.Model):
    """Who did what to which thing, when and from where."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    at = models.DateTimeField(default=timezone.now)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.UUIDField(null=True)
    object_label = models.CharField(max_length=200, blank=True)
    client_id = models.UUIDField(null=True)
    meta = models.JSONField(default=dict)
    surface = models.CharField(max_length=20, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "audit_event"
        indexes = [
            models.Index(fields=["-at"], name="audit_event_recent"),
            models.Index(fields=["object_id", "-at"], name="audit_event_object"),
        ]


class AuditSeal(models.Model):
    """A link of the chain: SHA-256 over the previous link and the event's canonical form."""

    seq = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField()
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_seal"
        constraints = [
            models.UniqueConstraint(fields=["event_id"], name="audit_seal_one_per_event"),
        ]
