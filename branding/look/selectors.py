"""Read how the current firm looks."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from branding.look.models import Brand
from infra.tenancy.firm_context import current_firm


def published_brand() -> Brand | None:
    """The look that visitors see, or None before the first publication."""
    return Brand.objects.filter(state=Brand.State.PUBLISHED).first()


def draft_brand() -> Brand | None:
    """The look being worked on, or None."""
    return Brand.objects.filter(state=Brand.State.DRAFT).first()


def brand_history() -> QuerySet[Brand]:
    """The published look and those before it, newest first."""
    shown = Brand.objects.exclude(state=Brand.State.DRAFT)
    return shown.order_by("-published_at", "-id")


def find_brand(brand_id: UUID) -> Brand | None:
    """One version of the look, or None."""
    return Brand.objects.filter(pk=brand_id).first()


def brand_stylesheet(digest: str) -> str | None:
    """The stylesheet with this hash, of any version; None if there is none."""
    found = Brand.objects.filter(stylesheet_hash=digest).exclude(stylesheet="").first()
    return found.stylesheet if found else None


def brand_image_name(name: str) -> str | None:
    """The stored name of an image that one of the firm's looks uses; None for anything else."""
    stored = f"{current_firm().id}/brand/{name}"
    used = Brand.objects.filter(Q(logo=stored) | Q(logo_dark=stored) | Q(icon=stored))
    return stored if used.exists() else None
