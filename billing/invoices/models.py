"""Invoices, their lines, VAT per rate and transitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.invoices.search_sources import related_matches
from billing.numbering.models import NumberSeries
from infra.common.actor import Reader
from infra.common.primary_keys import new_key
from infra.tenancy.firm_settings import FirmSettings, only_row
from tenants.matters.models import Matter
from tenants.people.models import Client, User


class Timekeeper(models.Model):
    """A person whose time is billed; ``classification`` as in LEDES (PARTNR, ASSOC, …)."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    classification = models.CharField(max_length=20, blank=True, default="")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        db_table = "timekeeper"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices by who may see them and by what they need."""

    def visible_to(self, user: Reader) -> Self:
        """Staff: invoices of clients they may see. Clients: shared, issued invoices of their own."""
        found = self.filter(client__in=Client.objects.visible_to(user))
        if user.kind == User.Kind.CLIENT:
            found = found.filter(shared_at__isnull=False).exclude(status=Invoice.Status.DRAFT)
        return found

    def payable(self) -> Self:
        """Issued, not void, with something left to pay."""
        return self.filter(status__in=Invoice.OPEN_STATES, balance__gt=0)

    def overdue(self, today: date) -> Self:
        """Payable and past their due date."""
        return self.payable().filter(due_date__lt=today)

    def in_states(self, states: Sequence[str], today: date) -> Self:
        """By the words people see: ``overdue`` is a payable invoice past its date."""
        wanted = models.Q()
        for state in states:
            if state == Invoice.OVERDUE:
                wanted |= models.Q(
                    status__in=Invoice.OPEN_STATES, balance__gt=0, due_date__lt=today
                )
            elif state in Invoice.OPEN_STATES:
                wanted |= models.Q(status=state) & (
                    models.Q(due_date__isnull=True) | models.Q(due_date__gte=today)
                )
            else:
                wanted |= models.Q(status=state)
        return self.filter(wanted)

    def matching(self, text: str) -> Self:
        """Invoices whose number, subject, client or matter contain ``text``, or that a document of
        another room leads to (``billing.invoices.search_sources``)."""
        text = text.strip()
        if not text:
            return self
        found = (
            models.Q(number__icontains=text)
            | models.Q(subject__icontains=text)
            | models.Q(client__name__icontains=text)
            | models.Q(matter__title__icontains=text)
            | models.Q(matter__reference__icontains=text)
        )
        for ids in related_matches(text):
            found |= models.Q(pk__in=ids)
        return self.filter(found)


class Invoice(models.Model):
    """A bill. Amounts are in ``currency``; ``balance`` is kept by the database."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", pgettext_lazy("invoice", "Open")
        PARTIALLY_PAID = "partially_paid", _("Partly paid")
        PAID = "paid", pgettext_lazy("invoice", "Paid")
        VOID = "void", _("Void")
        CREDITED = "credited", pgettext_lazy("invoice", "Credited")
        WRITTEN_OFF = "written_off", _("Written off")

    class Source(models.TextChoices):
        PORTAL = "portal", _("Made here")
        IMPORT = "import", _("Imported")

    OVERDUE = "overdue"
    OPEN_STATES: ClassVar[tuple[str, ...]] = ("open", "partially_paid")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="invoices")
    matter = models.ForeignKey(
        Matter, null=True, blank=True, on_delete=models.PROTECT, related_name="invoices"
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    source = models.CharField(max_length=8, choices=Source, default=Source.PORTAL)
    series = models.ForeignKey(NumberSeries, null=True, on_delete=models.PROTECT)
    number = models.CharField(max_length=50, null=True, unique=True)  # noqa: DJ001 a draft has none
    subject = models.CharField(max_length=200, blank=True, default="")
    currency = models.CharField(max_length=3)
    issue_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    net_total = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    vat_total = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    total = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    paid_total = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    credited_total = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    balance = models.GeneratedField(
        expression=models.F("total") - models.F("credited_total") - models.F("paid_total"),
        output_field=models.DecimalField(max_digits=14, decimal_places=2),
        db_persist=True,
    )
    internal_note = models.TextField(blank=True, default="")
    import_id = models.UUIDField(null=True)
    shared_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # The PDF as it was sent: a name in the firm's storage and its SHA-256.
    pdf_file = models.CharField(max_length=200, blank=True, default="")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[Any] = InvoiceQuerySet.as_manager()

    class Meta:
        db_table = "invoice"
        ordering = ["-issue_date", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "draft",
                        "open",
                        "partially_paid",
                        "paid",
                        "void",
                        "credited",
                        "written_off",
                    ]
                ),
                name="invoice_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(total=models.F("net_total") + models.F("vat_total")),
                name="invoice_total_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft")
                | (models.Q(number__isnull=False) & models.Q(issue_date__isnull=False)),
                name="invoice_issued_has_number_and_date",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_total__gte=0) & models.Q(credited_total__gte=0),
                name="invoice_settlement_not_negative",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="paid")
                | models.Q(total=models.F("credited_total") + models.F("paid_total")),
                name="invoice_paid_means_nothing_left",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="credited")
                | models.Q(total=models.F("credited_total") + models.F("paid_total")),
                name="invoice_credited_means_nothing_left",
            ),
            models.CheckConstraint(
                condition=models.Q(credited_total=0)
                | models.Q(total__gte=models.F("credited_total") + models.F("paid_total")),
                name="invoice_credited_at_most_what_was_open",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "due_date"], name="invoice_client_due"),
            models.Index(fields=["status", "due_date"], name="invoice_status_due"),
        ]

    def __str__(self) -> str:
        return self.number or str(_("Draft"))

    def shown_status(self, today: date) -> str:
        """The word people see: an open invoice past its date is overdue."""
        if self.status in self.OPEN_STATES and self.due_date and self.due_date < today:
            return self.OVERDUE
        return self.status


class PdfDrawing(models.Model):
    """A PDF that a reader asked for, found by the hash of what it is drawn from."""

    source_sha256 = models.CharField(max_length=64, primary_key=True)
    # Names in the firm's storage: what waits to be drawn, and what was drawn with its SHA-256.
    source_file = models.CharField(max_length=200, blank=True, default="")
    pdf_file = models.CharField(max_length=200, blank=True, default="")
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="")
    is_waiting = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    failed_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        db_table = "pdf_drawing"
        constraints = [
            # One at a time for each firm: nobody's drawings keep another firm's waiting.
            models.UniqueConstraint(
                fields=["is_waiting"],
                condition=models.Q(is_waiting=True),
                name="pdf_drawing_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.source_sha256


class InvoiceLine(models.Model):
    """One line. ``amount`` is net of VAT; ``vat_rate`` in percent, None outside VAT."""

    class Kind(models.TextChoices):
        TIME = "time", pgettext_lazy("kind of invoice line", "Time")
        EXPENSE = "expense", _("Expense")
        FIXED_FEE = "fixed_fee", _("Fixed fee")
        DISCOUNT = "discount", _("Discount")
        DISBURSEMENT = "disbursement", _("Disbursement")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    date = models.DateField(null=True)
    timekeeper = models.ForeignKey(Timekeeper, null=True, on_delete=models.PROTECT)
    task_code = models.CharField(max_length=20, blank=True, default="")
    activity_code = models.CharField(max_length=20, blank=True, default="")
    expense_code = models.CharField(max_length=20, blank=True, default="")
    description = models.TextField(blank=True, default="")
    quantity = models.DecimalField(max_digits=12, decimal_places=4, default=Decimal(1))
    unit_price = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    adjustment = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    vat_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    # Never shown to a client, in any format.
    internal_note = models.TextField(blank=True, default="")
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    class Meta:
        db_table = "invoice_line"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position"),
            models.CheckConstraint(
                condition=models.Q(vat_rate__isnull=True)
                | (models.Q(vat_rate__gte=0) & models.Q(vat_rate__lte=100)),
                name="invoice_line_vat_range",
            ),
        ]

    def __str__(self) -> str:
        return self.description[:60]


class InvoiceVat(models.Model):
    """VAT of one rate on the invoice: computed once on the sum of its lines (EN 16931 BG-23)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="vat")
    rate = models.DecimalField(max_digits=5, decimal_places=2)
    base = models.DecimalField(max_digits=14, decimal_places=2)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        db_table = "invoice_vat"
        ordering = ["-rate"]
        constraints = [models.UniqueConstraint(fields=["invoice", "rate"], name="invoice_vat_rate")]

    def __str__(self) -> str:
        return f"{self.rate} %"


class InvoiceTransition(models.Model):
    """One change of state; append-only by grant and trigger."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="transitions")
    from_status = models.CharField(max_length=16)
    to_status = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "invoice_transition"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class BillingSettings(FirmSettings):
    """The firm's terms of payment, and how its invoices reach the portal."""

    class Sharing(models.TextChoices):
        AUTOMATIC = "automatic", _("Every invoice appears when it is sent")
        MANUAL = "manual", _("Invoices are shared one by one")

    invoice_sharing = models.CharField(max_length=9, choices=Sharing, default=Sharing.AUTOMATIC)
    payment_terms_days = models.PositiveSmallIntegerField(
        default=30, validators=[MaxValueValidator(365)]
    )
    partial_payments = models.BooleanField(default=True)
    # In the currency of the invoice that is paid.
    minimum_payment = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        default=10,
        validators=[MinValueValidator(0), MaxValueValidator(99_999_999)],
    )

    CHANGEABLE: ClassVar[frozenset[str]] = frozenset(
        {"invoice_sharing", "payment_terms_days", "partial_payments", "minimum_payment"}
    )

    class Meta:
        db_table = "billing_settings"
        constraints = [
            only_row("billing_settings_single"),
            models.CheckConstraint(
                condition=models.Q(payment_terms_days__lte=365),
                name="billing_settings_terms_range",
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_payment__gte=0),
                name="billing_settings_minimum_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(invoice_sharing__in=["automatic", "manual"]),
                name="billing_settings_sharing_known",
            ),
        ]

    def __str__(self) -> str:
        return "billing settings"
