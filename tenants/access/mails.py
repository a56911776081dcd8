"""Mails about access, in the firm's name."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from branding.letterhead.mails import firm_mail, portal_address
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import moment_text
from tenants.access.models import Invitation
from tenants.people.models import User


def invitation_path(token: str) -> str:
    """Where the page of an invitation's link is."""
    return f"/invitation/{token}/"


def send_invitation(invitation: Invitation, token: str, *, message_id: str) -> None:
    """The link with which a contact or colleague comes in."""
    firm = current_firm()
    client = invitation.contact.client if invitation.contact else None
    language = (client.language if client else "") or firm.language
    surface = "portal" if client else "console"
    with override(language):
        if client:
            why = _(
                "%(firm)s has opened a secure place for you, where you find your invoices and documents."
            )
        else:
            why = _("You are invited to work in the client portal of %(firm)s.")
        firm_mail(
            to=invitation.email,
            subject=_("Your access to the portal of %(firm)s") % {"firm": firm.name},
            greeting=_("Hello %(name)s,") % {"name": invitation.name},
            paragraphs=[why % {"firm": firm.name}],
            button=(_("Set your password"), portal_address(invitation_path(token), surface)),
            closing=[
                _(
                    "The link is for you alone and works once, for 72 hours. If it has expired, it will offer you a new one."
                )
            ],
            message_id=message_id,
        )


def send_password_reset(user: User, link: str, *, message_id: str) -> None:
    """The link with which a person chooses a new password."""
    with override(user.language):
        firm_mail(
            to=user.email,
            subject=_("Choose a new password"),
            greeting=_("Hello %(name)s,") % {"name": user.name},
            paragraphs=[_("You asked for a new password. This link works once, for one hour.")],
            button=(_("Choose a new password"), link),
            closing=[
                _("If you did not ask for this, ignore this mail; your password stays as it is.")
            ],
            message_id=message_id,
        )


def send_unlock_link(user: User, link: str, *, message_id: str) -> None:
    """The link with which a person lifts the lock that strangers' attempts put on the account."""
    with override(user.language):
        firm_mail(
            to=user.email,
            subject=_("Many attempts to sign in to your account"),
            greeting=_("Hello %(name)s,") % {"name": user.name},
            paragraphs=[
                _(
                    "Somebody tried many wrong passwords or codes for your account. To protect it, nobody can sign in to it for 24 hours."
                ),
                _("If you want to sign in yourself, open this link first."),
            ],
            button=(_("Unlock my account"), link),
            closing=[
                _(
                    "If you do not want to sign in now, you need not do anything. Your password stays as it is."
                )
            ],
            message_id=message_id,
        )


def _tell_of_change(
    user: User, *, subject: str, what: str, at: datetime | None, message_id: str
) -> None:
    """What was changed on an account and when, and what to do if it was somebody else."""
    surface = "portal" if user.kind == User.Kind.CLIENT else "console"
    facts = [(_("When"), moment_text(at, user.language, user.time_zone))] if at else []
    firm_mail(
        to=user.email,
        subject=subject,
        greeting=_("Hello %(name)s,") % {"name": user.name},
        paragraphs=[
            what,
            _("Your other devices were signed out. If this was you, all is well."),
            _(
                "If it was not you, somebody else may know your password: choose a new one now, and call us."
            ),
        ],
        facts=facts,
        button=(_("Choose a new password"), portal_address("/password/forgotten/", surface)),
        message_id=message_id,
    )


def send_password_changed(user: User, *, at: datetime | None, message_id: str) -> None:
    """Tell a person that their password is another one now."""
    with override(user.language):
        _tell_of_change(
            user,
            subject=_("Your password was changed"),
            what=_("Your password was changed."),
            at=at,
            message_id=message_id,
        )


def send_factor_added(user: User, *, at: datetime | None, message_id: str) -> None:
    """Tell a person that signing in now takes an authenticator app."""
    with override(user.language):
        _tell_of_change(
            user,
            subject=_("An authenticator app was set up"),
            what=_(
                "An authenticator app was set up for your account; from now on you give its code when you sign in."
            ),
            at=at,
            message_id=message_id,
        )


def send_factor_removed(user: User, *, at: datetime | None, message_id: str) -> None:
    """Tell a person that signing in takes the password alone again."""
    with override(user.language):
        _tell_of_change(
            user,
            subject=_("Your authenticator app was removed"),
            what=_(
                "The authenticator app of your account was removed; your password alone lets you in now."
            ),
            at=at,
            message_id=message_id,
        )
