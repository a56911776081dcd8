"""Payments, what they were meant for, and where the money went."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.invoices.models import Invoice
from infra.common.actor import Reader
from infra.common.primary_keys import new_key
from tenants.people.models import Client, User


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments by who may see them and by state."""

    def visible_to(self, user: Reader) -> Self:
        """Payments of the clients the person may see."""
        return self.filter(client__in=Client.objects.visible_to(user))

    def unsettled(self) -> Self:
        """Payments the gateway has not decided yet, as far as we know."""
        return self.filter(state__in=Payment.LIVE_STATES)


class Payment(models.Model):
    """One attempt to move money from a client to the firm."""

    class State(models.TextChoices):
        CREATING = "creating", _("Starting")
        OPEN = "open", _("Waiting for the payer")
        PROCESSING = "processing", _("Processing")
        SUCCEEDED = "succeeded", _("Paid")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELED = "canceled", _("Cancelled")

    LIVE_STATES: ClassVar[tuple[str, ...]] = ("creating", "open", "processing")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="payments")
    payer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.CREATING)
    currency = models.CharField(max_length=3)
    # What was asked for, and what came once it succeeded.
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    received = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    gateway = models.CharField(max_length=10)
    account = models.CharField(max_length=64)
    # As of the account: real money, or the provider's test mode.
    livemode = models.BooleanField(default=False)
    session_id = models.CharField(max_length=120, blank=True, default="")
    session_url = models.TextField(blank=True, default="")
    # What the gateway was asked with: a repeated request must say the same.
    return_url = models.TextField(blank=True, default="")
    reference = models.CharField(max_length=80, blank=True, default="")
    payer_email = models.EmailField(blank=True, default="")
    locale = models.CharField(max_length=5, blank=True, default="en")
    expires_at = models.DateTimeField(null=True)
    # ``PaymentMethod`` and ``FailureCode`` of the gateway's interface.
    method_type = models.CharField(max_length=40, blank=True, default="")
    last4 = models.CharField(max_length=4, blank=True, default="")
    failure_code = models.CharField(max_length=60, blank=True, default="")
    failure_message = models.CharField(max_length=300, blank=True, default="")
    receipt_number = models.CharField(max_length=40, null=True, unique=True)  # noqa: DJ001
    # The receipt as it was first drawn: a name in the firm's storage and its SHA-256.
    pdf_file = models.CharField(max_length=200, blank=True, default="")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(default=timezone.now)
    succeeded_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = PaymentQuerySet.as_manager()

    class Meta:
        db_table = "payment"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "creating",
                        "open",
                        "processing",
                        "succeeded",
                        "failed",
                        "expired",
                        "canceled",
                    ]
                ),
                name="payment_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="payment_amount_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="succeeded") | models.Q(succeeded_at__isnull=False),
                name="payment_succeeded_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(state="succeeded", received__gt=0)
                | ~models.Q(state="succeeded") & models.Q(received__isnull=True),
                name="payment_succeeded_has_sum",
            ),
            models.UniqueConstraint(
                fields=["gateway", "account", "session_id"],
                condition=~models.Q(session_id=""),
                name="payment_session_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "checked_at"], name="payment_unsettled")]

    def __str__(self) -> str:
        return self.receipt_number or str(self.id)

    @property
    def current_amount(self) -> Decimal:
        """What came, once the payment succeeded; before that what was asked for."""
        return self.amount if self.received is None else self.received


class PaymentItem(models.Model):
    """An invoice that a payment was started for, with the amount asked.

    ``is_live`` mirrors the payment's live states so that the database itself allows
    only one running attempt an invoice.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="items")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payment_items")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    is_live = models.BooleanField(default=True)

    class Meta:
        db_table = "payment_item"
        constraints = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="payment_item_once"),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=models.Q(is_live=True),
                name="payment_item_one_live_per_invoice",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="payment_item_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}"


class Allocation(models.Model):
    """How much of a payment went to an invoice; append-only by grant and trigger.

    What came beyond that is held for the client: the ledger says how much.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "allocation"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="allocation_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="allocation_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
