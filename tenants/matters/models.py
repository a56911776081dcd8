"""Matters: what the firm does for a client."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from infra.common.actor import Reader
from infra.common.primary_keys import new_key
from tenants.people.models import Client


class MatterQuerySet(models.QuerySet["Matter"]):
    """Matters by who may know of them."""

    def visible_to(self, user: Reader) -> Self:
        """Matters of the clients the person may see."""
        return self.filter(client__in=Client.objects.visible_to(user))


class Matter(models.Model):
    """A case or file of one client."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("matter", "Open")
        CLOSED = "closed", pgettext_lazy("matter", "Closed")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="matters")
    reference = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    client_reference = models.CharField(max_length=40, blank=True, default="")
    practice_area = models.CharField(max_length=80, blank=True, default="")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    opened_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = MatterQuerySet.as_manager()

    class Meta:
        db_table = "matter"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "reference"], name="matter_reference_per_client"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "closed"]), name="matter_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title
