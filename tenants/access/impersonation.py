"""Staff look at the portal as a contact sees it: read-only, for half an hour, on the record.

The console hands out a ticket, the portal's host takes it and opens a session that belongs to
the staff member and shows what the contact sees. The person such a session yields is a stand-in
of the contact (``User.impersonation`` says so) that is saved nowhere and may change nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Conflict, NotFound
from infra.common.request_context import current_origin
from infra.tenancy.firm_context import current_firm
from infra.tenancy.signing import new_token, token_hash
from tenants.access.models import Session, SignInPolicy, ViewingTicket
from tenants.firms.models import Firm
from tenants.firms.permissions import Permission
from tenants.people.models import Client, Contact, User
from tenants.people.models.user import Impersonation

TICKET_LIFE = timedelta(seconds=60)
VIEWING_LIFE = timedelta(minutes=30)
# Who looked is in the trail; the tickets themselves need not be kept.
FORGET_AFTER = timedelta(days=1)


class ContactSeesNothing(Conflict):
    """The contact's access has ended: there is nothing that they see."""

    message = _("The access of this contact has ended; they see nothing any more.")


class ViewingTicketInvalid(NotFound):
    """Used, too old, or made for another firm: one answer for all."""

    message = _("This link worked once, for a minute. Please start again from the console.")


def start_viewing_as(
    *, contact: Contact, by: User, opened_from: UUID, target: str = "/", back: str = "/"
) -> str:
    """A ticket with which ``by`` sees the portal as ``contact`` does; returns its secret.

    ``opened_from`` is the public id of the console's session; the viewing ends with it, also
    when that one idles out.
    ``target`` and ``back`` are paths on the portal and on the console.
    Raises ``NotAllowed``, ``ContactSeesNothing``.
    """
    require(by.may(Permission.VIEW_AS_CLIENT, client_id=contact.client_id))
    if contact.has_ended:
        raise ContactSeesNothing
    token, now = new_token(), timezone.now()
    with transaction.atomic():
        ViewingTicket.objects.filter(expires_at__lt=now - FORGET_AFTER).delete()
        ViewingTicket.objects.create(
            token_hash=token_hash(token),
            user=by,
            contact=contact,
            target=target,
            back=back,
            opened_from=opened_from,
            expires_at=now + TICKET_LIFE,
        )
        record_event(
            "viewing.asked",
            by=by,
            about=contact,
            client_id=contact.client_id,
            meta={"target": target},
        )
    return token


def open_viewing(session: Any, *, ticket: str) -> str:
    """Turn a ticket into a viewing session, once; returns the path to go to.

    ``session`` must be a new, empty one: a session of somebody else that this browser had
    stays as it is. Raises ``ViewingTicketInvalid``.
    """
    now = timezone.now()
    with transaction.atomic():
        used = ViewingTicket.objects.filter(
            token_hash=token_hash(ticket), used_at__isnull=True, expires_at__gt=now
        ).update(used_at=now)
        if not used or current_origin().surface != "portal":
            raise ViewingTicketInvalid
        taken = ViewingTicket.objects.select_related("user", "contact__client").get(
            token_hash=token_hash(ticket)
        )
        if _stand_in(taken.contact, taken.user, taken.opened_from) is None:
            raise ViewingTicketInvalid
        _fill(session, taken)
        until = now + VIEWING_LIFE
        record_event(
            "viewing.started",
            by=taken.user,
            about=taken.contact,
            client_id=taken.contact.client_id,
            meta={"until": until.isoformat(), "target": taken.target},
        )
    return taken.target


def language_of_ticket(ticket: str) -> str:
    """The language of whom a ticket was made for, also of one that is worth nothing any more."""
    found = ViewingTicket.objects.filter(token_hash=token_hash(ticket))
    return found.values_list("user__language", flat=True).first() or ""


def _fill(session: Any, ticket: ViewingTicket) -> None:
    session["_auth_user_id"] = str(ticket.user.pk)
    session["_auth_user_hash"] = ticket.user.get_session_auth_hash()
    session["firm"] = str(current_firm().id)
    session["surface"] = current_origin().surface
    session["idle_seconds"] = SignInPolicy.current().idle_minutes * 60
    session["seen_contact"] = str(ticket.contact.pk)
    session["opened_from"] = str(ticket.opened_from)
    session["back"] = ticket.back
    session.set_expiry(int(VIEWING_LIFE.total_seconds()))
    session.create()


def _stand_in(contact: Contact, staff: User, opened_from: UUID) -> User | None:
    """The contact as a person that ``staff`` may look through, or None if they may not (any more)."""
    if current_firm().status != Firm.Status.ACTIVE or staff.lacks_factor:
        return None
    # Looking does not keep the console awake: who left their desk there is gone here too.
    parent = Session.objects.filter(public_id=opened_from, user=staff).first()
    if parent is None or not parent.counts:
        return None
    if not staff.may(Permission.VIEW_AS_CLIENT, client_id=contact.client_id) or contact.has_ended:
        return None
    person = contact.user or _coming(contact)
    if not person.is_active:
        return None
    own = Contact.objects.active().filter(user=contact.user) if contact.user_id else None
    seen = {contact.pk}
    hidden = False
    if own is not None:
        # What colleagues keep from this staff member they do not see through the client either.
        allowed = own.filter(client__in=Client.objects.visible_to(staff))
        seen |= set(allowed.values_list("pk", flat=True))
        hidden = own.exclude(pk__in=seen).exists()
    person.lacks_factor = False
    person.impersonation = Impersonation(
        by=staff,
        contact_id=contact.pk,
        name=contact.name,
        contact_ids=frozenset(seen),
        has_account=contact.user_id is not None,
        leaves_out=hidden,
    )
    return person


def _coming(contact: Contact) -> User:
    """The person a contact will be after setting a password."""
    firm = current_firm()
    return User(
        id=contact.pk,
        email=contact.email,
        name=contact.name,
        kind=User.Kind.CLIENT,
        language=contact.client.language or firm.language,
        time_zone=firm.timezone,
    )


def seen_person(row: Session) -> User | None:
    """Whom a viewing session stands in for, if its staff member may still look; else None."""
    if row.seen_contact_id is None or row.user is None or row.opened_from is None:
        return None
    found = Contact.objects.select_related("client", "user").filter(pk=row.seen_contact_id)
    contact = found.first()
    if contact is None:
        return None
    return _stand_in(contact, row.user, row.opened_from)


def end_viewing(*, row: Session, reason: str) -> None:
    """Close a viewing session and note why (``left`` or ``lost``). Done already: nothing."""
    with transaction.atomic():
        ended, _rows = Session.objects.filter(pk=row.pk, seen_contact__isnull=False).delete()
        if not ended:
            return
        contact = row.seen_contact
        assert contact is not None  # noqa: S101  a viewing session has one, and it is kept
        record_event(
            "viewing.ended",
            by=row.user,
            about=contact,
            client_id=contact.client_id,
            meta={"reason": reason},
        )


def record_reading(*, person: User, path: str) -> None:
    """Note one page or answer that a staff member read as a contact."""
    assert person.impersonation is not None  # noqa: S101  the caller asked
    client_id = (
        Contact.objects.filter(pk=person.impersonation.contact_id)
        .values_list("client_id", flat=True)
        .first()
    )
    record_event("viewing.read", by=person, label=path[:200], client_id=client_id)
