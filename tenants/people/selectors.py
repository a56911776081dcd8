"""Read people: clients, their contacts and who of them can sign in, colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from infra.common.errors import NotFound
from tenants.people.models import (
    ApiToken,
    Client,
    Contact,
    Invitation,
    InvitationLink,
    Session,
    User,
)
from tenants.people.policy import can_manage_client, can_manage_staff


class ClientUnknown(NotFound):
    """There is no such client, or it is not theirs to know of."""


class ContactUnknown(NotFound):
    """There is no such contact, or it is not theirs to know of."""


class ColleagueUnknown(NotFound):
    """Nobody of the firm has this id."""


class InvitationNotFound(NotFound):
    """There is no such invitation, or it is not theirs to know of."""


@dataclass(frozen=True, slots=True)
class ContactAccess:
    """A contact and how it stands with signing in: ``state`` is access, ended, waiting, sent,
    expired or none; ``invitation`` is the open one."""

    contact: Contact
    state: str
    invitation: Invitation | None


def find_clients(user: Any, text: str = "", *, invited: bool = False) -> QuerySet[Client]:
    """Clients the person may see whose name, number or contact fits ``text``; with ``invited``
    only those of whom somebody has not accepted an invitation yet."""
    found: Any = Client.objects.visible_to(user).matching(text.replace("\x00", "")[:200])
    if invited:
        found = found.filter(pk__in=waiting_invitations(user).values("contact__client_id"))
    result: QuerySet[Client] = found.order_by("name", "id")
    return result


def get_client(user: Any, client_id: UUID) -> Client:
    """One client. Raises ``ClientUnknown``, absent or forbidden alike."""
    found: Client | None = Client.objects.visible_to(user).filter(pk=client_id).first()
    if found is None:
        raise ClientUnknown
    return found


def get_contact(user: Any, contact_id: UUID) -> Contact:
    """One contact with its client. Raises ``ContactUnknown``."""
    found: Contact | None = (
        Contact.objects.visible_to(user).select_related("client").filter(pk=contact_id).first()
    )
    if found is None:
        raise ContactUnknown
    return found


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


def contacts_of(user: Any, client: Client) -> list[ContactAccess]:
    """The client's contacts with how each stands with signing in."""
    waiting = Prefetch(
        "invitations", queryset=Invitation.objects.open(), to_attr="open_invitations"
    )
    found: Any = Contact.objects.visible_to(user).filter(client=client).prefetch_related(waiting)
    return [_access(contact, contact.open_invitations) for contact in found]


def contacts_to_view_as(user: Any, client: Client) -> list[Contact]:
    """The client's contacts through whose eyes the person may see the portal, by name."""
    if not can_manage_client(user, client):
        return []
    return list(Contact.objects.active().filter(client=client).order_by("name", "id"))


def waiting_invitations(user: Any) -> QuerySet[Invitation]:
    """Invitations of contacts that were not accepted yet, oldest first."""
    found: QuerySet[Invitation] = (
        Invitation.objects.open()
        .filter(contact__in=Contact.objects.visible_to(user))
        .select_related("contact__client")
        .order_by("created_at")
    )
    return found


def get_invitation(user: Any, invitation_id: UUID) -> Invitation:
    """One open invitation of a contact, or of a colleague for those who manage staff."""
    found: Invitation | None = (
        Invitation.objects.open().select_related("contact__client").filter(pk=invitation_id).first()
    )
    if found is None:
        raise InvitationNotFound
    if found.contact is None:
        known = can_manage_staff(user)
    else:
        known = Client.objects.visible_to(user).filter(pk=found.contact.client_id).exists()
    if not known:
        raise InvitationNotFound
    return found


def colleagues() -> QuerySet[User]:
    """The firm's staff by name."""
    return User.objects.filter(kind=User.Kind.STAFF).order_by("name", "id")


def get_colleague(colleague_id: UUID) -> User:
    """One of the firm's staff, with access or without. Raises ``ColleagueUnknown``."""
    found = colleagues().filter(pk=colleague_id).first()
    if found is None:
        raise ColleagueUnknown
    return found


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


def attorneys_of(client: Client) -> QuerySet[User]:
    """The attorneys assigned to a client, by name."""
    return colleagues().filter(role=User.Role.ATTORNEY, assignments__client=client)


def count_assigned(attorney: User) -> int:
    """How many clients an attorney is assigned to, with access or without."""
    return Client.objects.filter(assignments__user=attorney).count()


def assignable_attorneys(client: Client) -> QuerySet[User]:
    """Attorneys who can sign in and are not assigned to the client yet, by name."""
    working = colleagues().filter(role=User.Role.ATTORNEY, is_active=True)
    return working.exclude(assignments__client=client)


def staff_invitations() -> QuerySet[Invitation]:
    """Colleagues who were invited and have not come yet."""
    found: QuerySet[Invitation] = (
        Invitation.objects.open().filter(contact__isnull=True).order_by("created_at")
    )
    return found
