"""Change the firm's legal identity and portal settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from branding.identity.models import LegalIdentity, PortalSettings
from branding.letterhead.published import look_changed
from infra.audit.services import record_event
from infra.common.actor import Actor, require
from infra.common.session_required import require_in_person
from tenants.firms.permissions import Permission

IDENTITY_FIELDS = (
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
)


SETTINGS_FIELDS = (
    "portal_on",
    "languages",
    "idle_minutes",
    "absolute_hours",
    "staff_factor",
    "client_factor",
    "invoice_sharing",
    "payment_terms_days",
    "partial_payments",
    "minimum_payment",
)


# Who gets in, with what, for how long: a stolen key must not be able to weaken it.
SIGN_IN_FIELDS = frozenset(
    {"portal_on", "staff_factor", "client_factor", "idle_minutes", "absolute_hours"}
)


def save_identity(*, changes: Mapping[str, Any], by: Actor) -> LegalIdentity:
    """Change who the firm is on paper; shows in pages, mails and PDFs made from now on."""
    require(by.may(Permission.MANAGE_PORTAL))
    with transaction.atomic():
        identity, _made = LegalIdentity.objects.select_for_update().get_or_create(pk=1)
        changed = [field for field in IDENTITY_FIELDS if field in changes]
        for field in changed:
            setattr(identity, field, changes[field])
        identity.save()
        record_event("identity.changed", by=by, meta={"fields": changed})
        look_changed()
    return identity


def save_portal_settings(*, changes: Mapping[str, Any], by: Actor) -> PortalSettings:
    """Change what the firm decided about its portal.

    What bears on sign-in (``SIGN_IN_FIELDS``) is changed in person: nothing is changed at all
    by a token that names one. Raises ``SessionNeeded``, ``SecondStepNeeded``.
    """
    require(by.may(Permission.MANAGE_PORTAL))
    if SIGN_IN_FIELDS & changes.keys():
        require_in_person(by)
    with transaction.atomic():
        settings, _made = PortalSettings.objects.select_for_update().get_or_create(pk=1)
        changed = [field for field in SETTINGS_FIELDS if field in changes]
        for field in changed:
            setattr(settings, field, changes[field])
        settings.save()
        record_event("portal_settings.changed", by=by, meta={"fields": changed})
    return settings
