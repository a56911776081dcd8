"""Read invitations, and what of a person's access is alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from infra.common.actor import Actor, Reader
from infra.common.errors import NotFound
from tenants.access.models import ApiToken, Invitation, InvitationLink, Session
from tenants.firms.permissions import Permission
from tenants.people.models import Client, Contact, User
from tenants.people.selectors import find_clients


class TokenUnknown(NotFound):
    """There is no such API token, or it is not theirs to know of."""


class InvitationNotFound(NotFound):
    """There is no such invitation, or it is not theirs to know of."""


@dataclass(frozen=True, slots=True)
class ContactAccess:
    """A contact and how it stands with signing in: ``state`` is access, ended, waiting, sent,
    expired or none; ``invitation`` is the open one."""

    contact: Contact
    state: str
    invitation: Invitation | None


def _access(contact: Contact, waiting: list[Invitation]) -> ContactAccess:
    invitation = waiting[0] if waiting else None
    if contact.has_ended:
        return ContactAccess(contact, "ended", None)
    if contact.user_id is not None:
        return ContactAccess(contact, "access", None)
    if invitation is None:
        return ContactAccess(contact, "none", None)
    state = str(invitation.state)
    if state == Invitation.State.EXPIRED and _has_live_link(invitation):
        state = str(Invitation.State.SENT)
    return ContactAccess(contact, state, invitation)


def _has_live_link(invitation: Invitation) -> bool:
    """Whether a mail about something (an invoice) holds a link that still opens it."""
    live = InvitationLink.objects.filter(invitation=invitation, expires_at__gt=timezone.now())
    return live.exists()


def contacts_of(user: Reader, client: Client) -> list[ContactAccess]:
    """The client's contacts with how each stands with signing in."""
    waiting = Prefetch(
        "invitations", queryset=Invitation.objects.open(), to_attr="open_invitations"
    )
    found: Any = Contact.objects.visible_to(user).filter(client=client).prefetch_related(waiting)
    return [_access(contact, contact.open_invitations) for contact in found]


def waiting_invitations(user: Reader) -> QuerySet[Invitation]:
    """Invitations of contacts that were not accepted yet, oldest first."""
    found: QuerySet[Invitation] = (
        Invitation.objects.open()
        .filter(contact__in=Contact.objects.visible_to(user))
        .select_related("contact__client")
        .order_by("created_at")
    )
    return found


def get_invitation(user: Actor, invitation_id: UUID) -> Invitation:
    """One open invitation of a contact, or of a colleague for those who manage staff."""
    found: Invitation | None = (
        Invitation.objects.open().select_related("contact__client").filter(pk=invitation_id).first()
    )
    if found is None:
        raise InvitationNotFound
    if found.contact is None:
        known = user.may(Permission.MANAGE_STAFF)
    else:
        known = Client.objects.visible_to(user).filter(pk=found.contact.client_id).exists()
    if not known:
        raise InvitationNotFound
    return found


def find_contact_invitations(user: Reader) -> QuerySet[Invitation]:
    """Invitations of contacts of the clients the person may see, in every state, newest first."""
    found: QuerySet[Invitation] = (
        Invitation.objects.filter(contact__in=Contact.objects.visible_to(user))
        .select_related("contact__client")
        .order_by("-created_at", "-id")
    )
    return found


def get_contact_invitation(user: Reader, invitation_id: UUID) -> Invitation:
    """One invitation of a contact, in whatever state. Raises ``InvitationNotFound``."""
    found = find_contact_invitations(user).filter(pk=invitation_id).first()
    if found is None:
        raise InvitationNotFound
    return found


def has_invited_contacts() -> bool:
    """Whether the firm has invited a contact, or has one who signs in."""
    invited: bool = Invitation.objects.filter(contact__isnull=False).exists()
    return invited or User.objects.filter(kind=User.Kind.CLIENT).exists()


def find_tokens(user: Actor) -> QuerySet[ApiToken]:
    """The firm's API tokens, newest first, for those who manage the portal."""
    found = ApiToken.objects.select_related("user").order_by("-created_at", "-id")
    return found if user.may(Permission.MANAGE_PORTAL) else found.none()


def get_token(user: Actor, token_id: UUID) -> ApiToken:
    """One API token. Raises ``TokenUnknown``."""
    found = find_tokens(user).filter(pk=token_id).first()
    if found is None:
        raise TokenUnknown
    return found


def sessions_of(person: User) -> QuerySet[Session]:
    """The person's sessions that have not ended, with whom they look as, the last used first."""
    found = Session.objects.filter(user=person, expire_date__gt=timezone.now())
    return found.select_related("seen_contact").order_by("-last_seen_at")


@dataclass(frozen=True, slots=True)
class LiveAccess:
    """What of a person's access is alive now: browsers that are signed in, keys for programs."""

    sessions: int
    keys: int


def live_access(person: User) -> LiveAccess:
    """What would end at once if the person's access did."""
    now = timezone.now()
    sessions = Session.objects.filter(user=person, expire_date__gt=now)
    awake = [
        session
        for session in sessions.only("last_seen_at", "idle_seconds")
        if session.last_seen_at + timedelta(seconds=session.idle_seconds) > now
    ]
    keys = ApiToken.objects.filter(user=person, revoked_at__isnull=True)
    return LiveAccess(len(awake), sum(key.is_live for key in keys))


def staff_invitations() -> QuerySet[Invitation]:
    """Colleagues who were invited and have not come yet."""
    found: QuerySet[Invitation] = (
        Invitation.objects.open().filter(contact__isnull=True).order_by("created_at")
    )
    return found


def find_invited_clients(user: Reader, text: str = "") -> QuerySet[Client]:
    """Of the clients that ``find_clients`` finds, those with a contact who has not accepted yet."""
    invited = waiting_invitations(user).values("contact__client_id")
    return find_clients(user, text).filter(pk__in=invited)
