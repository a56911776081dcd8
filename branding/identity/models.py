"""Legal identity and portal settings of one firm."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LegalIdentity(models.Model):
    """Who the firm is on paper; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    company_name = models.CharField(max_length=160, blank=True, default="")
    company_number = models.CharField(max_length=40, blank=True, default="")
    vat_number = models.CharField(max_length=20, blank=True, default="")
    register = models.CharField(max_length=120, blank=True, default="")
    bar_registration = models.CharField(max_length=160, blank=True, default="")
    address = models.TextField(blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    bank_name = models.CharField(max_length=120, blank=True, default="")
    iban = models.CharField(max_length=34, blank=True, default="")
    bic = models.CharField(max_length=11, blank=True, default="")

    class Meta:
        db_table = "legal_identity"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="legal_identity_single")
        ]

    def __str__(self) -> str:
        return self.company_name


class PortalSettings(models.Model):
    """What the firm decided about its portal; one row."""

    class Sharing(models.TextChoices):
        AUTOMATIC = "automatic", _("Every invoice appears when it is sent")
        MANUAL = "manual", _("Invoices are shared one by one")

    class Factor(models.TextChoices):
        OFF = "off", _("Off")
        OPTIONAL = "optional", _("Each person's choice")
        REQUIRED = "required", _("Required")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    portal_on = models.BooleanField(default=True)
    sections = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    idle_minutes = models.PositiveSmallIntegerField(default=30)
    absolute_hours = models.PositiveSmallIntegerField(default=12)
    staff_factor = models.CharField(max_length=8, choices=Factor, default=Factor.OPTIONAL)
    client_factor = models.CharField(max_length=8, choices=Factor, default=Factor.OPTIONAL)
    invoice_sharing = models.CharField(max_length=9, choices=Sharing, default=Sharing.AUTOMATIC)
    payment_terms_days = models.PositiveSmallIntegerField(default=30)
    partial_payments = models.BooleanField(default=True)
    minimum_payment = models.DecimalField(max_digits=14, decimal_places=2, default=10)

    class Meta:
        db_table = "portal_settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="portal_settings_single"),
            models.CheckConstraint(
                condition=models.Q(idle_minutes__gte=5, idle_minutes__lte=240),
                name="portal_settings_idle_range",
            ),
            models.CheckConstraint(
                condition=models.Q(absolute_hours__gte=1, absolute_hours__lte=24),
                name="portal_settings_absolute_range",
            ),
        ]

    def __str__(self) -> str:
        return "portal settings"
