"""Open, change, close and reopen matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event, record_events
from infra.common.actor import require
from infra.common.errors import Invalid, fields_under
from infra.tenancy.firm_settings import require_valid
from tenants.firms.permissions import Permission
from tenants.matters.models import Matter
from tenants.people.models import Client, User

BATCH = 1000
MATTER_FIELDS = ("reference", "title", "client_reference", "practice_area", "opened_on")


class MatterReferenceTaken(Invalid):
    """Another matter of the client has this reference."""

    message = _("Another matter of this client has this reference already.")


def _taken() -> MatterReferenceTaken:
    return MatterReferenceTaken(fields={"reference": [str(MatterReferenceTaken.message)]})


def create_matter(
    *, client: Client, reference: str, title: str, by: User, **details: Any
) -> Matter:
    """A new, open matter of a client. Raises ``MatterReferenceTaken``, ``Invalid``."""
    require(by.may(Permission.MANAGE_MATTERS, client_id=client.pk))
    unknown = details.keys() - set(MATTER_FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    matter = Matter(client=client, reference=reference, title=title, **details)
    require_valid(matter, list(MATTER_FIELDS))
    try:
        _insert([matter], by)
    except IntegrityError as error:
        raise _taken() from error
    return matter


def create_matters(*, matters: Sequence[Matter], by: User) -> None:
    """Many new, open matters (unsaved rows) at once, all or none, each as ``create_matter`` makes it.

    Raises ``MatterReferenceTaken`` and ``Invalid``; the ``fields`` of the latter start with
    ``matters[<its reference>]``.
    """
    clients = {matter.client_id for matter in matters}
    require(all(by.may(Permission.MANAGE_MATTERS, client_id=client) for client in clients))
    for matter in matters:
        with fields_under(f"matters[{matter.reference}]"):
            require_valid(matter, list(MATTER_FIELDS))
    try:
        _insert(matters, by)
    except IntegrityError as error:
        raise MatterReferenceTaken from error


def _insert(matters: Sequence[Matter], by: User) -> None:
    with transaction.atomic():
        Matter.objects.bulk_create(matters, batch_size=BATCH)
        about = [(matter, matter.client_id) for matter in matters]
        record_events("matter.opened", by=by, about=about)


def update_matter(*, matter: Matter, changes: Mapping[str, Any], by: User) -> Matter:
    """Change the named fields of a matter, open or closed.

    Raises ``MatterReferenceTaken``, ``Invalid``.
    """
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
            require_valid(current, changed)
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
