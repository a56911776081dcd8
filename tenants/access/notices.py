"""Who is mailed about access: invitations, reset links, changed ways to sign in."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from infra.events.subscriptions import on
from tenants.access import mails
from tenants.access.events import (
    AccountLocked,
    FactorAdded,
    FactorRemoved,
    InvitationLinkRenewed,
    InvitationSent,
    PasswordChanged,
    PasswordResetRequested,
)
from tenants.access.invitation_links import replace_link
from tenants.access.invitations import renew_secret
from tenants.access.lock_out import unlock_address
from tenants.access.password_reset import reset_address
from tenants.people.models import User


@on(InvitationSent)
def mail_invitation(event: InvitationSent, delivery_id: UUID) -> None:
    """Mail a fresh link; its secret exists only in the mail."""
    fresh = renew_secret(invitation_id=event.invitation)
    if fresh is not None:
        mails.send_invitation(*fresh, message_id=str(delivery_id))


@on(InvitationLinkRenewed)
def mail_renewed_link(event: InvitationLinkRenewed, delivery_id: UUID) -> None:
    """Mail another link to the same place."""
    fresh = replace_link(link_id=event.link)
    if fresh is not None:
        mails.send_invitation(*fresh, message_id=str(delivery_id))


@on(PasswordResetRequested)
def mail_reset_link(event: PasswordResetRequested, delivery_id: UUID) -> None:
    """Mail the link; it dies with the next password, or after an hour."""
    user = User.objects.filter(pk=event.user, is_active=True).first()
    if user is not None:
        mails.send_password_reset(user, reset_address(user), message_id=str(delivery_id))


@on(AccountLocked)
def mail_unlock_link(event: AccountLocked, delivery_id: UUID) -> None:
    """Mail the link that lets the owner of a locked account sign in."""
    user = User.objects.filter(pk=event.user, is_active=True).first()
    if user is not None:
        mails.send_unlock_link(user, unlock_address(user), message_id=str(delivery_id))


def _tell(
    event: PasswordChanged | FactorAdded | FactorRemoved,
    delivery_id: UUID,
    send: Callable[..., None],
) -> None:
    user = User.objects.filter(pk=event.user).first()
    if user is not None:
        send(user, at=event.at, message_id=str(delivery_id))


@on(PasswordChanged)
def mail_password_changed(event: PasswordChanged, delivery_id: UUID) -> None:
    """Tell the person that their password was changed."""
    _tell(event, delivery_id, mails.send_password_changed)


@on(FactorAdded)
def mail_factor_added(event: FactorAdded, delivery_id: UUID) -> None:
    """Tell the person that an authenticator app was set up."""
    _tell(event, delivery_id, mails.send_factor_added)


@on(FactorRemoved)
def mail_factor_removed(event: FactorRemoved, delivery_id: UUID) -> None:
    """Tell the person that their authenticator app was removed."""
    _tell(event, delivery_id, mails.send_factor_removed)
