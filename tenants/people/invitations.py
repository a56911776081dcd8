"""Invitations: sent from a contact's record, single use, renewed when expired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.errors import Conflict, Invalid, NotFound
from infra.common.outbox.services import handles, put_message
from infra.common.signing import new_token, token_hash
from tenants.people import mails
from tenants.people.models import Contact, Invitation, User
from tenants.people.policy import can_manage_client, can_manage_staff, require

LIFE = timedelta(hours=72)


class InvitationUnknown(NotFound):
    """No such invitation, or it was withdrawn."""

    message = _("This invitation is no longer valid. Please ask the firm for a new one.")


class InvitationExpired(Conflict):
    """Too old, but it can be renewed in one tap."""

    message = _("This invitation has expired. We can send you a new one.")


class InvitationUsed(Conflict):
    """It was accepted before: sign in instead."""

    message = _("This invitation was used already. Please sign in.")


class AlreadyHasAccess(Conflict):
    """The contact can sign in already."""

    message = _("This person can sign in already.")


class WeakPassword(Invalid):
    """The password does not meet the rules; ``fields['password']`` says why."""

    message = _("Please choose another password.")


def invite_contact(*, contact: Contact, by: User, target: str = "") -> Invitation:
    """Send a way in to a contact. An invitation still open is sent anew instead of a second one.

    ``target`` is the path the person lands on after setting a password.
    Raises ``AlreadyHasAccess``.
    """
    require(can_manage_client(by, contact.client))
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=contact.pk)
        if contact.user_id is not None:
            raise AlreadyHasAccess
        invitation = Invitation.objects.open().filter(contact=contact).first()
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
        put_message(topic="invitation.send", payload={"invitation": str(invitation.pk)})
        record_event(
            "invitation.sent",
            by=by,
            about=invitation,
            label=contact.name,
            client_id=contact.client_id,
        )
    return invitation


def invite_staff(*, email: str, name: str, role: str, by: User) -> Invitation:
    """Invite a colleague with a role. Raises ``AlreadyHasAccess``."""
    require(can_manage_staff(by))
    email = email.strip().lower()
    with transaction.atomic():
        if User.objects.filter(email=email).exists():
            raise AlreadyHasAccess
        Invitation.objects.open().filter(email=email, contact__isnull=True).update(
            revoked_at=timezone.now()
        )
        invitation = Invitation.objects.create(email=email, name=name, role=role, invited_by=by)
        put_message(topic="invitation.send", payload={"invitation": str(invitation.pk)})
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
    """Send a fresh link; the old one stops working when the new one leaves."""
    _require_may_handle(invitation, by)
    with transaction.atomic():
        if not Invitation.objects.open().filter(pk=invitation.pk).exists():
            raise InvitationUnknown
        put_message(topic="invitation.send", payload={"invitation": str(invitation.pk)})
        record_event("invitation.sent", by=by, about=invitation)


def _require_may_handle(invitation: Invitation, by: User) -> None:
    if invitation.contact is not None:
        require(can_manage_client(by, invitation.contact.client))
    else:
        require(can_manage_staff(by))


@handles("invitation.send")
def deliver_invitation(payload: Mapping[str, Any], message_id: UUID) -> None:
    """Mail a fresh link; its secret exists only in the mail."""
    invitation = (
        Invitation.objects.open().select_related("contact__client").filter(pk=payload["invitation"])
    ).first()
    if invitation is None:
        return
    token = new_token()
    invitation.token_hash = token_hash(token)
    invitation.sent_at = timezone.now()
    invitation.expires_at = timezone.now() + LIFE
    invitation.save(update_fields=["token_hash", "sent_at", "expires_at"])
    mails.send_invitation(invitation, token, message_id=str(message_id))


def find_invitation(token: str) -> Invitation:
    """The invitation of a link. Raises ``InvitationUnknown``, ``…Used`` or ``…Expired``."""
    invitation = (
        Invitation.objects.select_related("contact__client")
        .filter(token_hash=token_hash(token))
        .first()
    )
    if invitation is None or invitation.state == Invitation.State.REVOKED:
        raise InvitationUnknown
    if invitation.state == Invitation.State.ACCEPTED:
        raise InvitationUsed
    if invitation.state == Invitation.State.EXPIRED:
        raise InvitationExpired
    return invitation


def renew_invitation(*, token: str) -> None:
    """An expired link is no dead end: mail a fresh one to the same address. Quiet about the rest."""
    with transaction.atomic():
        invitation = Invitation.objects.open().filter(token_hash=token_hash(token)).first()
        if invitation is not None and invitation.state == Invitation.State.EXPIRED:
            put_message(topic="invitation.send", payload={"invitation": str(invitation.pk)})
            record_event("invitation.renewed", by=None, about=invitation)


def accept_invitation(*, token: str, password: str, name: str = "") -> tuple[User, str]:
    """Create the person with a password, once; returns them and the path they were invited to.

    An address that can sign in already (a contact of a second client) keeps its password
    and gets the new client beside; the given password must then be right.
    Raises ``InvitationUnknown``, ``InvitationUsed``, ``InvitationExpired``, ``WeakPassword``.
    """
    find_invitation(token)
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(token_hash=token_hash(token))
        if invitation.state != Invitation.State.SENT:
            raise InvitationUsed
        user = _person_for(invitation, password, name)
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
    return user, invitation.target or "/"


def _person_for(invitation: Invitation, password: str, name: str) -> User:
    kind = User.Kind.CLIENT if invitation.contact_id else User.Kind.STAFF
    known = User.objects.select_for_update().filter(email=invitation.email).first()
    if known is not None:
        if known.kind != kind:
            raise InvitationUnknown
        if not known.check_password(password):
            raise WeakPassword(
                fields={"password": [str(_("You have an account here: enter its password."))]}
            )
        return known
    user = User(
        email=invitation.email,
        name=name.strip() or invitation.name,
        kind=kind,
        role=invitation.role,
        **_defaults(invitation),
    )
    check_password_rules(password, user)
    user.set_password(password)
    user.save()
    return user


def _defaults(invitation: Invitation) -> dict[str, str]:
    from infra.common.firm_context import current_firm

    firm = current_firm()
    language = invitation.contact.client.language if invitation.contact else ""
    return {"language": language or firm.language, "time_zone": firm.timezone}


def check_password_rules(password: str, user: User) -> None:
    """Raises ``WeakPassword`` with every broken rule."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(fields={"password": list(error.messages)}) from error
