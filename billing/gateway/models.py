"""Tables of the gateway, all in the public schema: whose event it is shows only after it arrived."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.gateway.interface import EventKind, Requirement, RequirementKind
from billing.gateway.sandbox.models import SandboxObject, SandboxRequest
from infra.common.primary_keys import new_key

__all__ = ["GatewayAccount", "GatewayEvent", "SandboxObject", "SandboxRequest"]


class GatewayEvent(models.Model):
    """A verified notification, kept before anything is done about it; a second copy is no second row."""

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        PROCESSED = "processed", _("Processed")
        FAILED = "failed", _("Failed")
        IGNORED = "ignored", _("Ignored")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    gateway = models.CharField(max_length=20)
    account = models.CharField(max_length=100, blank=True)
    event_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, default=EventKind.OTHER.value)
    # The provider's own words, for operators and logs: nothing is decided by them.
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=100)
    # The payment it is about, where the notification says so: the page's id and ours.
    session_id = models.CharField(max_length=120, blank=True, default="")
    payment_id = models.UUIDField(null=True, blank=True)
    livemode = models.BooleanField()
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gateway", "account", "event_id"], name="gateway_event_once_per_account"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["received", "processed", "failed", "ignored"]),
                name="gateway_event_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in EventKind]),
                name="gateway_event_kind_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(state="received"),
                name="gateway_event_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"


class GatewayAccount(models.Model):
    """A firm's account at its payment provider; ``gateway`` decides where its payments go.

    ``firm_id`` is the firm's key, without a foreign key: rows of firms may be restored or
    removed on their own. ``methods`` maps payment methods to their states, ``requirements``
    lists what is still asked, both as of the last look.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Being set up")
        ACTIVE = "active", _("Active")
        RESTRICTED = "restricted", _("Restricted")
        DISCONNECTED = "disconnected", _("Disconnected")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    firm_id = models.UUIDField(db_index=True)
    gateway = models.CharField(max_length=20)
    account_id = models.CharField(max_length=100)
    livemode = models.BooleanField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING)
    requirements = models.JSONField(default=list, blank=True)
    methods = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm_id"],
                condition=~models.Q(status="disconnected"),
                name="gateway_account_one_per_firm",
            ),
            models.UniqueConstraint(
                fields=["gateway", "account_id"], name="gateway_account_one_firm"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "active", "restricted", "disconnected"]),
                name="gateway_account_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.account_id

    def open_requirements(self) -> list[Requirement]:
        """What the provider still asked for when it was last looked at."""
        return [
            Requirement(RequirementKind(point["kind"]), point["detail"])
            for point in self.requirements
        ]
