"""Change who the firm is on paper, and what its portal offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from branding.identity.models import LegalIdentity, PortalSettings
from branding.identity.validators import compact
from branding.look.events import LookChanged
from infra.audit.services import record_event
from infra.common.actor import Actor, require
from infra.events.services import emit
from tenants.firms.permissions import Permission


def save_identity(*, changes: Mapping[str, Any], by: Actor) -> LegalIdentity:
    """Change the named fields of the legal identity; shows in what is made from now on.

    Raises ``Invalid``: an IBAN or BIC that is none, a text that is too long.
    """
    require(by.may(Permission.MANAGE_PORTAL))
    given = dict(changes)
    given |= {name: compact(given[name]) for name in ("iban", "bic") if name in given}
    with transaction.atomic():
        identity, changed = LegalIdentity.change(given)
        if changed:
            record_event("identity.changed", by=by, meta={"fields": changed})
        emit(LookChanged())
    return identity


def save_portal_settings(*, changes: Mapping[str, Any], by: Actor) -> PortalSettings:
    """Change what the portal offers. Raises ``Invalid``."""
    require(by.may(Permission.MANAGE_PORTAL))
    with transaction.atomic():
        saved, changed = PortalSettings.change(changes)
        if changed:
            record_event("portal_settings.changed", by=by, meta={"fields": changed})
    return saved
