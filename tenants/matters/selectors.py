"""Read matters."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from tenants.matters.models import Matter


def find_matters(user: Any, text: str = "") -> QuerySet[Matter]:
    """Matters the person may see whose reference, title or client fits ``text``, newest first."""
    found: QuerySet[Matter] = Matter.objects.visible_to(user).select_related("client")
    text = text.replace("\x00", "").strip()[:200]
    if text:
        found = found.filter(
            Q(reference__icontains=text)
            | Q(title__icontains=text)
            | Q(client_reference__icontains=text)
            | Q(client__name__icontains=text)
        )
    return found.order_by("-created_at", "-id")
