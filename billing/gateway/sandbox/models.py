"""What the sandbox remembers, as Stripe would: its objects, and the answers to keyed requests."""

from __future__ import annotations

from django.db import models

from infra.common.primary_keys import new_key


class SandboxObject(models.Model):
    """One object (session, payment, event …) of one account, as the JSON that the API shows.

    Objects of the platform itself (the accounts) have an empty ``account``.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    account = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=100, unique=True)
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "kind", "created_at"], name="sandbox_object_list")
        ]

    def __str__(self) -> str:
        return self.object_id


class SandboxRequest(models.Model):
    """The answer that an idempotency key got, to be given again for the same parameters."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    account = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_request_once_per_key")
        ]

    def __str__(self) -> str:
        return self.key
