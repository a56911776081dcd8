"""Read matters."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from infra.common.actor import Reader
from infra.common.errors import NotFound
from tenants.matters.models import Matter
from tenants.people.models import Client


class MatterUnknown(NotFound):
    """There is no such matter, or it is not theirs to know of."""


def get_matter(user: Reader, matter_id: UUID) -> Matter:
    """One matter with its client. Raises ``MatterUnknown``, absent or forbidden alike."""
    found: Matter | None = (
        Matter.objects.visible_to(user).select_related("client").filter(pk=matter_id).first()
    )
    if found is None:
        raise MatterUnknown
    return found


def matters_by_reference(clients: Iterable[Client]) -> dict[tuple[str, str], Matter]:
    """The matters of these clients by the client's number and the reference."""
    known = {client.pk: client for client in clients}
    found = Matter.objects.filter(client__in=known).order_by()
    return {(known[matter.client_id].code, matter.reference): matter for matter in found}


def find_matters(
    user: Reader, text: str = "", *, client_id: UUID | None = None
) -> QuerySet[Matter]:
    """Matters the person may see, of all clients or of one, newest first.

    With ``text``, those whose reference, title or client fits it.
    """
    found: QuerySet[Matter] = Matter.objects.visible_to(user).select_related("client")
    if client_id is not None:
        found = found.filter(client=client_id)
    text = text.replace("\x00", "").strip()[:200]
    if text:
        found = found.filter(
            Q(reference__icontains=text)
            | Q(title__icontains=text)
            | Q(client_reference__icontains=text)
            | Q(client__name__icontains=text)
        )
    return found.order_by("-created_at", "-id")
