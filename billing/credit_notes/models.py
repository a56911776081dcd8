"""Credit notes: what a firm takes back of an issued invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from billing.invoices.models import Invoice, InvoiceLine
from billing.numbering.models import NumberSeries
from infra.common.actor import Reader
from infra.common.primary_keys import new_key
from tenants.people.models import User


class CreditNoteQuerySet(models.QuerySet["CreditNote"]):
    """Credit notes by who may see them."""

    def visible_to(self, user: Reader) -> Self:
        """Those of invoices that the person may see."""
        return self.filter(invoice__in=Invoice.objects.visible_to(user))


class CreditNote(models.Model):
    """A bill's counterpart (EN 16931 type 381): amounts are positive, in the invoice's currency.

    ``offset_total`` lowers what is open on the invoice; ``surplus_total`` had been paid already
    and is the client's credit. Append-only by grant and trigger but for the kept PDF.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT)
    number = models.CharField(max_length=50, unique=True)
    issue_date = models.DateField()
    reason = models.CharField(max_length=300)
    net_total = models.DecimalField(max_digits=14, decimal_places=2)
    vat_total = models.DecimalField(max_digits=14, decimal_places=2)
    total = models.DecimalField(max_digits=14, decimal_places=2)
    offset_total = models.DecimalField(max_digits=14, decimal_places=2)
    surplus_total = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    # The PDF as it was sent: a name in the firm's storage and its SHA-256.
    pdf_file = models.CharField(max_length=200, blank=True, default="")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = CreditNoteQuerySet.as_manager()

    class Meta:
        db_table = "credit_note"
        ordering = ["-issue_date", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total=models.F("net_total") + models.F("vat_total")),
                name="credit_note_total_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(total=models.F("offset_total") + models.F("surplus_total")),
                name="credit_note_goes_somewhere",
            ),
            models.CheckConstraint(
                condition=models.Q(total__gt=0, offset_total__gte=0, surplus_total__gte=0),
                name="credit_note_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def currency(self) -> str:
        return self.invoice.currency


class CreditNoteLine(models.Model):
    """What is taken back of one line: net of VAT, with the sign of that line."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credits")
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        db_table = "credit_note_line"
        ordering = ["line__position"]
        constraints = [
            models.UniqueConstraint(fields=["credit_note", "line"], name="credit_note_line_once"),
            models.CheckConstraint(
                condition=~models.Q(amount=0), name="credit_note_line_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


class CreditNoteVat(models.Model):
    """VAT of one rate on the credit note, computed once on the sum of its lines."""

    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="vat")
    rate = models.DecimalField(max_digits=5, decimal_places=2)
    base = models.DecimalField(max_digits=14, decimal_places=2)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        db_table = "credit_note_vat"
        ordering = ["-rate"]
        constraints = [
            models.UniqueConstraint(fields=["credit_note", "rate"], name="credit_note_vat_rate")
        ]

    def __str__(self) -> str:
        return f"{self.rate} %"
