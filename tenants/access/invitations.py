"""Invitations: sent from a contact's record, single use, renewed when expired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Conflict, Invalid
from infra.common.names import require_plain_names
from infra.common.session_required import require_in_person
from infra.events.services import emit
from infra.tenancy.firm_context import current_firm
from infra.tenancy.signing import new_token, token_hash
from infra.throttling.services import Limit, Throttled, Use, take
from tenants.access.events import InvitationSent
from tenants.access.invitation_links import (
    LIFE,
    AccessEnded,
    AlreadyHasAccess,
    InvitationExpired,
    InvitationUnknown,
    InvitationUsed,
    find_way_in,
    open_invitation,
    renew_way_in,
)
from tenants.access.models import Invitation
from tenants.access.sign_in import prove_password
from tenants.firms.permissions import Permission
from tenants.people.colleagues import OwnersOnly, UnknownRole
from tenants.people.models import Contact, User
from tenants.people.policy import can_invite_staff

__all__ = [
    "AccessEnded",
    "AccountAppeared",
    "AlreadyHasAccess",
    "ContactEnded",
    "InvitationExpired",
    "InvitationUnknown",
    "InvitationUsed",
    "WeakPassword",
]


class AccountAppeared(Conflict):
    """While the page was open, an account with this address came to be, or its password changed."""

    message = _("You have an account here now. Please enter its password.")


class ContactEnded(Conflict):
    """The contact no longer acts for the client: there is nothing to invite them to."""

    message = _("The access of this contact has ended. Move the last day first, then invite them.")


# What one address is sent, whoever of the staff invites it.
INVITATIONS_AN_HOUR = Limit("invitation/recipient-hour", 3, timedelta(hours=1))
INVITATIONS_A_DAY = Limit("invitation/recipient-day", 6, timedelta(hours=24))


class InvitedOften(Conflict):
    """The address was sent several invitations just now; the last one is on its way."""

    def __init__(self, found: Throttled) -> None:
        sentence = ngettext_lazy(
            "Several invitations went to this address already. Please wait %(minutes)d minute before you send another.",
            "Several invitations went to this address already. Please wait %(minutes)d minutes before you send another.",
            "minutes",
        )
        super().__init__(sentence % {"minutes": found.minutes})
        self.retry_after = found.retry_after


class WeakPassword(Invalid):
    """The password does not meet the rules; ``fields['password']`` says why."""

    message = _("Please choose another password.")


def invite_contact(*, contact: Contact, by: User, target: str = "") -> Invitation:
    """Send a way in to a contact. An invitation still open is sent anew instead of a second one.

    ``target`` is the path the person lands on after setting a password.
    Raises ``AlreadyHasAccess``, ``ContactEnded``, ``InvitedOften``.
    """
    require(by.may(Permission.MANAGE_CLIENTS, client_id=contact.client_id))
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=contact.pk)
        if contact.user_id is not None:
            raise AlreadyHasAccess
        if contact.has_ended:
            raise ContactEnded
        invitation = open_invitation(contact)
        if invitation is None:
            invitation = Invitation.objects.create(
                contact=contact,
                email=contact.email,
                name=contact.name,
                invited_by=by,
                target=target,
            )
        elif target:
            invitation.target = target
            invitation.save(update_fields=["target"])
        _count_invitation(invitation.email)
        emit(InvitationSent(invitation=invitation.pk))
        record_event(
            "invitation.sent",
            by=by,
            about=invitation,
            label=contact.name,
            client_id=contact.client_id,
        )
    return invitation


def invite_staff(*, email: str, name: str, role: str, by: User) -> Invitation:
    """Invite a colleague with a role.

    Raises ``UnknownRole``, ``OwnersOnly``, ``AlreadyHasAccess``, ``LinkInName``, ``InvitedOften``.
    """
    require(by.may(Permission.MANAGE_STAFF))
    require_in_person(by)
    if role not in User.Role.values:
        raise UnknownRole(fields={"role": [str(UnknownRole.message)]})
    _require_may_invite(by, role)
    require_plain_names(name=name)
    email = email.strip().lower()
    with transaction.atomic():
        if User.objects.filter(email=email).exists():
            raise AlreadyHasAccess
        earlier = Invitation.objects.open().filter(email=email, contact__isnull=True)
        for invitation in earlier.order_by("pk").select_for_update():
            _require_may_invite(by, invitation.role)
        earlier.update(revoked_at=timezone.now())
        _count_invitation(email)
        invitation = Invitation.objects.create(email=email, name=name, role=role, invited_by=by)
        emit(InvitationSent(invitation=invitation.pk))
        record_event("invitation.sent", by=by, about=invitation, label=name, meta={"role": role})
    return invitation


def founding_invitation(*, email: str, name: str) -> str:
    """The owner's way in to a firm that has just opened; returns the secret, nothing is mailed."""
    token = new_token()
    with transaction.atomic():
        Invitation.objects.open().filter(email=email, contact__isnull=True).update(
            revoked_at=timezone.now()
        )
        invitation = Invitation.objects.create(
            email=email,
            name=name,
            role=User.Role.OWNER,
            token_hash=token_hash(token),
            sent_at=timezone.now(),
            expires_at=timezone.now() + LIFE,
        )
        record_event("firm.opened", by=None, about=invitation, label=name)
    return token


def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Make a sent link worthless."""
    _require_may_handle(invitation, by)
    with transaction.atomic():
        changed = (
            Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=timezone.now())
        )
        if changed:
            record_event("invitation.revoked", by=by, about=invitation)


def resend_invitation(*, invitation: Invitation, by: User) -> None:
    """Send a fresh link; the old one stops working when the new one leaves.

    Links in mails about something (an invoice) stay. Raises ``InvitationUnknown``, also
    where the contact's address is another one by now, ``ContactEnded`` and ``InvitedOften``.
    """
    _require_may_handle(invitation, by)
    with transaction.atomic():
        if invitation.contact is not None and invitation.contact.has_ended:
            raise ContactEnded
        if not _still_for(Invitation.objects.open().filter(pk=invitation.pk)).exists():
            raise InvitationUnknown
        _count_invitation(invitation.email)
        emit(InvitationSent(invitation=invitation.pk))
        record_event("invitation.sent", by=by, about=invitation)


def _count_invitation(email: str) -> None:
    try:
        take(Use(INVITATIONS_AN_HOUR, email), Use(INVITATIONS_A_DAY, email))
    except Throttled as found:
        raise InvitedOften(found) from found


def _require_may_handle(invitation: Invitation, by: User) -> None:
    if invitation.contact is not None:
        require(by.may(Permission.MANAGE_CLIENTS, client_id=invitation.contact.client_id))
    else:
        require(by.may(Permission.MANAGE_STAFF))
        require_in_person(by)
        _require_may_invite(by, invitation.role)


def _require_may_invite(by: User, role: str) -> None:
    if not can_invite_staff(by, role):
        raise OwnersOnly


def _still_for(invitations: Any) -> Any:
    """Those whose contact still has the address that was invited."""
    return invitations.filter(Q(contact__isnull=True) | Q(contact__email=F("email")))


def renew_secret(*, invitation_id: UUID) -> tuple[Invitation, str] | None:
    """Give an open invitation a fresh secret; None if it was withdrawn, used or is another's now.

    The secret is returned to be mailed and stored nowhere.
    """
    found = Invitation.objects.open().filter(pk=invitation_id)
    invitation = _still_for(found).select_related("contact__client").first()
    if invitation is None or (invitation.contact and invitation.contact.has_ended):
        return None
    token = new_token()
    invitation.token_hash = token_hash(token)
    invitation.sent_at = timezone.now()
    invitation.expires_at = timezone.now() + LIFE
    invitation.save(update_fields=["token_hash", "sent_at", "expires_at"])
    return invitation, token


def find_invitation(token: str) -> Invitation:
    """The invitation of a link; raises as ``find_way_in`` does."""
    return find_way_in(token).invitation


def renew_invitation(*, token: str) -> None:
    """Mail a fresh link for an expired one to the same address. Quiet about the rest."""
    renew_way_in(token=token)


def account_of(invitation: Invitation) -> User | None:
    """Who has an account at the invited address already, and joins by its password."""
    return User.objects.filter(email=invitation.email).first()


def accept_invitation(*, token: str, password: str, name: str = "") -> tuple[User, str]:
    """Create the person with a password, once; returns them and the path they were invited to.

    An address that can sign in already (a contact of a second client) keeps its password
    and gets the new client beside; the given password must then be right, and wrong ones
    count towards the lock-out of sign-in.
    Raises ``InvitationUnknown``, ``InvitationUsed``, ``InvitationExpired``, ``AccessEnded``,
    ``WeakPassword``, ``WrongCredentials``, ``TooManyAttempts``, ``AccountAppeared``,
    ``LinkInName``.
    """
    require_plain_names(name=name)
    way = find_way_in(token)
    known = account_of(way.invitation)
    if known is not None:
        # The account may be there because this invitation was used a moment ago.
        way = find_way_in(token)
        if known.kind != _kind_of(way.invitation):
            raise InvitationUnknown
        # Before the transaction, so that a wrong one stays counted.
        prove_password(user=known, password=password, doing="invitation.accept")
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=way.invitation.pk)
        way = find_way_in(token)
        invitation = way.invitation
        user = _person_for(invitation, password, name, proven=known)
        if invitation.contact_id is not None:
            Contact.objects.filter(pk=invitation.contact_id).update(user=user)
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
        record_event(
            "invitation.accepted",
            by=user,
            about=invitation,
            client_id=invitation.contact.client_id if invitation.contact else None,
        )
    return user, way.target or "/"


def _kind_of(invitation: Invitation) -> str:
    return User.Kind.CLIENT if invitation.contact_id else User.Kind.STAFF


def _person_for(invitation: Invitation, password: str, name: str, *, proven: User | None) -> User:
    known = User.objects.select_for_update().filter(email=invitation.email).first()
    if known is not None:
        if proven is None or known.password != proven.password or not known.is_active:
            raise AccountAppeared
        return known
    user = User(
        email=invitation.email,
        name=name.strip() or invitation.name,
        kind=_kind_of(invitation),
        role=invitation.role,
        **_defaults(invitation),
    )
    check_password_rules(password, user)
    user.set_password(password)
    user.save()
    return user


def _defaults(invitation: Invitation) -> dict[str, str]:
    firm = current_firm()
    language = invitation.contact.client.language if invitation.contact else ""
    return {"language": language or firm.language, "time_zone": firm.timezone}


def check_password_rules(password: str, user: User) -> None:
    """Raises ``WeakPassword`` with every broken rule."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(fields={"password": list(error.messages)}) from error
