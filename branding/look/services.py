"""Change the firm's look: draft, publish, roll back."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from branding.look.events import LookChanged
from branding.look.images import icon_png, logo_png
from branding.look.models import Brand
from branding.look.palette import build_palette, stylesheet
from infra.audit.services import record_event
from infra.common.actor import Actor, require
from infra.common.errors import Conflict
from infra.events.services import emit
from infra.tenancy.firm_settings import require_valid
from infra.tenancy.storage import new_file_name
from tenants.firms.permissions import Permission

BRAND_FIELDS = (
    "display_name",
    "colour",
    "accent",
    "corner",
    "typeface",
    "welcome",
    "footer",
    "footer_links",
)


class NothingToPublish(Conflict):
    """There is no draft."""

    message = _("There is nothing new to publish.")


def _copy_of(published: Brand | None) -> Brand:
    draft = Brand(state=Brand.State.DRAFT)
    if published is not None:
        for field in (*BRAND_FIELDS, "logo", "logo_dark", "icon"):
            setattr(draft, field, getattr(published, field))
    return draft


class ChangedMeanwhile(Conflict):
    """Somebody else changes the look at this moment."""

    message = _("Somebody else is changing the look. Please look at it again, then try once more.")


# Advisory lock, one per database; the firm's schema is hashed in.
_LOCK = 0x4C4F4F4B


def _begin() -> None:
    """One change of the look at a time: a draft that is not there yet has no row to lock.
    Raises ``ChangedMeanwhile``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(current_schema()))", [_LOCK])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise ChangedMeanwhile


def _the_draft() -> Brand:
    draft = Brand.objects.select_for_update().filter(state=Brand.State.DRAFT).first()
    if draft is not None:
        return draft
    return _copy_of(Brand.objects.filter(state=Brand.State.PUBLISHED).first())


def save_draft(
    *,
    changes: Mapping[str, Any],
    by: Actor,
    logo: bytes | None = None,
    logo_dark: bytes | None = None,
    without: Collection[str] = (),
) -> Brand:
    """Change the draft (made from the published look if there is none); nothing shows yet.

    ``logo`` are the raw bytes of an upload; ``without`` names images to take off (``logo`` with
    the icon made of it, ``logo_dark``) where no new one is given. Files stay: earlier looks
    can come back. Raises ``Invalid`` naming the fields, ``UnusableImage``, ``ChangedMeanwhile``.
    """
    require(by.may(Permission.MANAGE_PORTAL))
    files = {
        "logo": logo_png(logo) if logo else None,
        "logo_dark": logo_png(logo_dark) if logo_dark else None,
        "icon": icon_png(logo) if logo else None,
    }
    with transaction.atomic():
        _begin()
        draft = _the_draft()
        given = [field for field in BRAND_FIELDS if field in changes]
        for field in given:
            setattr(draft, field, changes[field])
        require_valid(draft, given)
        removed = _take_off(draft, without)
        for field, content in files.items():
            if content is not None:
                name = new_file_name("brand", "png")
                setattr(draft, field, default_storage.save(name, ContentFile(content)))
        _dress(draft)
        draft.save()
        record_event(
            "brand.draft_saved",
            by=by,
            about=draft,
            meta={"removed": removed} if removed else None,
        )
    return draft


def _take_off(draft: Brand, without: Collection[str]) -> list[str]:
    """Clear the named images of a draft; returns those that were there."""
    parts = {"logo": ("logo", "icon"), "logo_dark": ("logo_dark",)}
    removed = [name for name in parts if name in without and getattr(draft, name)]
    for name in removed:
        for field in parts[name]:
            setattr(draft, field, "")
    return removed


def _dress(brand: Brand) -> None:
    palette = build_palette(brand.colour, brand.accent or None)
    brand.stylesheet = stylesheet(palette, corner=brand.corner, typeface=brand.typeface)
    brand.stylesheet_hash = hashlib.sha256(brand.stylesheet.encode()).hexdigest()[:12]


def publish_brand(*, by: Actor) -> Brand:
    """Show the draft to everybody; the look before it can be brought back.

    Raises ``NothingToPublish``, ``ChangedMeanwhile``.
    """
    require(by.may(Permission.MANAGE_PORTAL))
    with transaction.atomic():
        _begin()
        draft = Brand.objects.select_for_update().filter(state=Brand.State.DRAFT).first()
        if draft is None:
            raise NothingToPublish
        Brand.objects.filter(state=Brand.State.PUBLISHED).update(state=Brand.State.RETIRED)
        draft.state = Brand.State.PUBLISHED
        draft.published_at = timezone.now()
        draft.save(update_fields=["state", "published_at"])
        record_event("brand.published", by=by, about=draft)
        emit(LookChanged())
    return draft


def roll_back_brand(*, brand: Brand, by: Actor) -> Brand:
    """Bring an earlier look back; the present one stays in the history.

    Raises ``NothingToPublish``, ``ChangedMeanwhile``.
    """
    require(by.may(Permission.MANAGE_PORTAL))
    with transaction.atomic():
        _begin()
        earlier = Brand.objects.select_for_update().get(pk=brand.pk)
        if earlier.state != Brand.State.RETIRED:
            raise NothingToPublish
        Brand.objects.filter(state=Brand.State.PUBLISHED).update(state=Brand.State.RETIRED)
        earlier.state = Brand.State.PUBLISHED
        earlier.published_at = timezone.now()
        earlier.save(update_fields=["state", "published_at"])
        record_event("brand.rolled_back", by=by, about=earlier)
        emit(LookChanged())
    return earlier
