"""Change the firm's terms of payment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from billing.invoices.models import BillingSettings
from infra.audit.services import record_event
from infra.common.actor import Actor, require
from tenants.firms.permissions import Permission


def save_billing_settings(*, changes: Mapping[str, Any], by: Actor) -> BillingSettings:
    """Change the named settings; they count for what is issued, sent or paid from now on.

    Raises ``Invalid``.
    """
    require(by.may(Permission.MANAGE_PORTAL))
    with transaction.atomic():
        saved, changed = BillingSettings.change(changes)
        if changed:
            record_event("billing_settings.changed", by=by, meta={"fields": changed})
    return saved
