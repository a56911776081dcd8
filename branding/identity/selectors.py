"""Read who the current firm is on paper and what its portal offers."""

from __future__ import annotations

from branding.identity.models import LegalIdentity, PortalSettings
from infra.tenancy.firm_context import current_firm


def legal_identity() -> LegalIdentity:
    """Who the firm is on paper; empty while nothing was saved."""
    return LegalIdentity.current()


def offered_languages() -> list[str]:
    """The languages that the firm's portal offers: those chosen, else the firm's own."""
    return PortalSettings.current().languages or [current_firm().language]
