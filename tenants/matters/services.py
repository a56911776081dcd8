"""Open, change, close and reopen matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Invalid
from tenants.firms.permissions import Permission
from tenants.matters.models import Matter
from tenants.people.models import Client, User

MATTER_FIELDS = ("reference", "title", "client_reference", "practice_area", "opened_on")


class MatterReferenceTaken(Invalid):
    """Another matter of the client has this reference."""

    message = _("Another matter of this client has this reference already.")


def _taken() -> MatterReferenceTaken:
    return MatterReferenceTaken(fields={"reference": [str(MatterReferenceTaken.message)]})


def create_matter(
    *, client: Client, reference: str, title: str, by: User, **details: Any
) -> Matter:
    """A new, open matter of a client. Raises ``MatterReferenceTaken``."""
    require(by.may(Permission.MANAGE_MATTERS, client_id=client.pk))
    unknown = details.keys() - set(MATTER_FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    try:
        with transaction.atomic():
            matter = Matter.objects.create(
                client=client, reference=reference, title=title, **details
            )
            record_event("matter.opened", by=by, about=matter, client_id=client.pk)
    except IntegrityError as error:
        raise _taken() from error
    return matter


def update_matter(*, matter: Matter, changes: Mapping[str, Any], by: User) -> Matter:
    """Change the named fields of a matter, open or closed. Raises ``MatterReferenceTaken``."""
    require(by.may(Permission.MANAGE_MATTERS, client_id=matter.client_id))
    try:
        with transaction.atomic():
            current = _locked(matter)
            changed = [
                name
                for name in MATTER_FIELDS
                if name in changes and getattr(current, name) != changes[name]
            ]
            for name in changed:
                setattr(current, name, changes[name])
            if changed:
                current.save(update_fields=changed)
                record_event(
                    "matter.changed",
                    by=by,
                    about=current,
                    client_id=current.client_id,
                    meta={"fields": sorted(changed)},
                )
    except IntegrityError as error:
        raise _taken() from error
    return current


def close_matter(*, matter: Matter, by: User) -> Matter:
    """Mark a matter as done. Its invoices stay where they are; doing it twice is harmless."""
    return _moved(matter, Matter.Status.CLOSED, "matter.closed", by)


def reopen_matter(*, matter: Matter, by: User) -> Matter:
    """Take a closed matter up again; doing it twice is harmless."""
    return _moved(matter, Matter.Status.OPEN, "matter.reopened", by)


def _moved(matter: Matter, to: str, action: str, by: User) -> Matter:
    require(by.may(Permission.MANAGE_MATTERS, client_id=matter.client_id))
    with transaction.atomic():
        current = _locked(matter)
        if current.status != to:
            current.status = to
            current.save(update_fields=["status"])
            record_event(action, by=by, about=current, client_id=current.client_id)
    return current


def _locked(matter: Matter) -> Matter:
    found: Matter = Matter.objects.select_for_update().get(pk=matter.pk)
    return found
