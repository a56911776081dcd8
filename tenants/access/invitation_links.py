"""Secrets that open an invitation: its own link, and one more in each mail that shows something.

All of them lead to the same invitation. The first that is used accepts it; it and all the
others then lead to sign-in, and on to what the mail was about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.errors import Conflict, NotFound
from infra.events.services import emit
from infra.tenancy.signing import new_token, token_hash
from infra.throttling.services import Limit, Throttled, Use, take
from tenants.access.events import InvitationLinkRenewed, InvitationSent
from tenants.access.models import Invitation, InvitationLink
from tenants.people.models import Contact
from tenants.people.policy import can_invite_staff

LIFE = timedelta(hours=72)
# A second request soon after the first sends no second mail: nobody's mailbox can be flooded.
RENEWAL_PAUSE = Limit("invitation/renewal-pause", 1, timedelta(minutes=2))
RENEWALS = Limit("invitation/renewals", 5, timedelta(hours=24))


class InvitationUnknown(NotFound):
    """No such invitation, or it was withdrawn, or the address it went to is no longer theirs."""

    message = _("This invitation is no longer valid. Please ask the firm for a new one.")


class InvitationExpired(Conflict):
    """Too old, but it can be renewed in one tap."""

    message = _("This invitation has expired. We can send you a new one.")


class InvitationUsed(Conflict):
    """The contact has access already: sign in instead, and go on to ``target``."""

    message = _("This invitation was used already. Please sign in.")

    def __init__(self, target: str = "") -> None:
        super().__init__()
        self.target = target


class AccessEnded(Conflict):
    """The contact no longer acts for the client."""

    message = _("Your access has ended. Please contact the firm if you still need it.")


class AlreadyHasAccess(Conflict):
    """The contact can sign in already."""

    message = _("This person can sign in already.")


@dataclass(frozen=True, slots=True)
class WayIn:
    """An invitation as one of its secrets opens it: where that leads, and until when."""

    invitation: Invitation
    target: str
    expires_at: datetime | None
    link: InvitationLink | None = None

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


def _of_secret(token: str) -> WayIn | None:
    hashed = token_hash(token)
    invitation: Invitation | None = (
        Invitation.objects.select_related("contact__client").filter(token_hash=hashed).first()
    )
    if invitation is not None:
        return WayIn(invitation, invitation.target, invitation.expires_at)
    link = (
        InvitationLink.objects.select_related("invitation__contact__client")
        .filter(token_hash=hashed)
        .first()
    )
    if link is None:
        return None
    return WayIn(link.invitation, link.target, link.expires_at, link)


def _require_standing(way: WayIn | None) -> WayIn:
    """The way in if nothing but time speaks against it."""
    if way is None or way.invitation.revoked_at is not None:
        raise InvitationUnknown
    contact, by = way.invitation.contact, way.invitation.invited_by
    if contact is None and by is not None and not can_invite_staff(by, way.invitation.role):
        # Whoever may not invite a colleague any more has not invited one either.
        raise InvitationUnknown
    if way.invitation.accepted_at is not None or (contact and contact.user_id is not None):
        raise InvitationUsed(way.target)
    if contact is not None:
        if contact.email != way.invitation.email:
            raise InvitationUnknown
        if contact.has_ended:
            raise AccessEnded
    return way


def find_way_in(token: str) -> WayIn:
    """What a link opens.

    Raises ``InvitationUnknown``, ``InvitationUsed``, ``AccessEnded`` or ``InvitationExpired``.
    """
    way = _require_standing(_of_secret(token))
    if way.is_expired:
        raise InvitationExpired
    return way


def open_invitation(contact: Contact) -> Invitation | None:
    """The contact's open invitation to its present address; one to an earlier address ends here.

    Call it with the contact locked.
    """
    invitation: Invitation | None = Invitation.objects.open().filter(contact=contact).first()
    if invitation is None or invitation.email == contact.email:
        return invitation
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record_event(
        "invitation.revoked",
        by=None,
        about=invitation,
        client_id=contact.client_id,
        meta={"reason": "address changed"},
    )
    return None


def offer_way_in(*, contact: Contact, target: str) -> str:
    """One more link for a contact who has no access yet; returns its secret, to be mailed.

    Links that were mailed before stay as they are. The contact is invited by this if nobody
    did it before. Raises ``AlreadyHasAccess``, ``AccessEnded``.
    """
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=contact.pk)
        if contact.user_id is not None:
            raise AlreadyHasAccess
        if contact.has_ended:
            raise AccessEnded
        invitation = open_invitation(contact) or Invitation.objects.create(
            contact=contact, email=contact.email, name=contact.name
        )
        token = _add_link(invitation, target)
        record_event(
            "invitation.sent",
            by=None,
            about=invitation,
            label=contact.name,
            client_id=contact.client_id,
            meta={"target": target},
        )
    return token


def _add_link(invitation: Invitation, target: str) -> str:
    token, now = new_token(), timezone.now()
    InvitationLink.objects.create(
        invitation=invitation, token_hash=token_hash(token), target=target, expires_at=now + LIFE
    )
    # An invitation's own secret, where there is one, keeps its own time.
    if not invitation.token_hash:
        invitation.sent_at, invitation.expires_at = now, now + LIFE
        invitation.save(update_fields=["sent_at", "expires_at"])
    return token


def renew_way_in(*, token: str) -> None:
    """An expired link is no dead end: mail a fresh one to the same address. Quiet about the rest."""
    with transaction.atomic():
        found = _of_secret(token)
        if found is None:
            return
        Invitation.objects.select_for_update().get(pk=found.invitation.pk)
        try:
            way = _require_standing(_of_secret(token))
        except (InvitationUnknown, InvitationUsed, AccessEnded):
            return
        if not way.is_expired:
            return
        secret = str((way.link or way.invitation).pk)
        try:
            take(Use(RENEWAL_PAUSE, secret), Use(RENEWALS, str(way.invitation.pk)))
        except Throttled:
            return
        if way.link is None:
            emit(InvitationSent(invitation=way.invitation.pk))
        else:
            emit(InvitationLinkRenewed(link=way.link.pk))
        record_event("invitation.renewed", by=None, about=way.invitation)


def replace_link(*, link_id: UUID) -> tuple[Invitation, str] | None:
    """One more link to the same place as an expired one; None if the invitation is over.

    The secret is returned to be mailed and stored nowhere.
    """
    link = (
        InvitationLink.objects.select_related("invitation__contact__client")
        .filter(pk=link_id)
        .first()
    )
    if link is None:
        return None
    try:
        _require_standing(WayIn(link.invitation, link.target, None, link))
    except (InvitationUnknown, InvitationUsed, AccessEnded):
        return None
    with transaction.atomic():
        token = _add_link(link.invitation, link.target)
    return link.invitation, token
