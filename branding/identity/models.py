"""Who the firm is on paper, and what its portal offers."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from branding.identity.validators import validate_bic, validate_iban
from infra.tenancy.firm_settings import FirmSettings, only_row


class LegalIdentity(FirmSettings):
    """Who the firm is on paper."""

    company_name = models.CharField(max_length=160, blank=True, default="")
    company_number = models.CharField(max_length=40, blank=True, default="")
    vat_number = models.CharField(max_length=20, blank=True, default="")
    register = models.CharField(max_length=120, blank=True, default="")
    bar_registration = models.CharField(max_length=160, blank=True, default="")
    address = models.TextField(
        max_length=1000, blank=True, default="", validators=[MaxLengthValidator(1000)]
    )
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    bank_name = models.CharField(max_length=120, blank=True, default="")
    iban = models.CharField(max_length=34, blank=True, default="", validators=[validate_iban])
    bic = models.CharField(max_length=11, blank=True, default="", validators=[validate_bic])

    CHANGEABLE: ClassVar[frozenset[str]] = frozenset(
        {
            "company_name",
            "company_number",
            "vat_number",
            "register",
            "bar_registration",
            "address",
            "email",
            "phone",
            "bank_name",
            "iban",
            "bic",
        }
    )

    class Meta:
        db_table = "legal_identity"
        constraints = [only_row("legal_identity_single")]

    def __str__(self) -> str:
        return self.company_name


def validate_languages(value: object) -> None:
    """A list of languages that the product speaks, each once."""
    known = dict(settings.LANGUAGES)
    if (
        not isinstance(value, list)
        or not all(isinstance(code, str) and code in known for code in value)
        or len(set(value)) != len(value)
    ):
        raise ValidationError(
            _("Choose among these languages: %(known)s."), params={"known": ", ".join(known)}
        )


class PortalSettings(FirmSettings):
    """What the firm's portal offers. No language chosen: the firm's own."""

    languages = models.JSONField(default=list, blank=True, validators=[validate_languages])

    CHANGEABLE: ClassVar[frozenset[str]] = frozenset({"languages"})

    class Meta:
        db_table = "portal_settings"
        constraints = [only_row("portal_settings_single")]

    def __str__(self) -> str:
        return "portal settings"
