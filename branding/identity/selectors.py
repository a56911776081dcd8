"""Read who the current firm is on paper and what it decided."""

from __future__ import annotations

from branding.identity.models import LegalIdentity, PortalSettings


def portal_settings() -> PortalSettings:
    """The firm's decisions, or the defaults while nothing was saved."""
    return PortalSettings.objects.first() or PortalSettings()


def legal_identity() -> LegalIdentity:
    """Who the firm is on paper; empty while nothing was saved."""
    return LegalIdentity.objects.first() or LegalIdentity()
