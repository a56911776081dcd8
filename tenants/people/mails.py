"""Mails about access, in the firm's name."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from branding.notices import firm_mail, portal_address
from infra.common.firm_context import current_firm
from tenants.people.models import Invitation, User


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
            button=(_("Set your password"), portal_address(f"/invitation/{token}/", surface)),
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


def send_password_changed(user: User, *, message_id: str) -> None:
    """Tell a person that their password is another one now."""
    with override(user.language):
        firm_mail(
            to=user.email,
            subject=_("Your password was changed"),
            greeting=_("Hello %(name)s,") % {"name": user.name},
            paragraphs=[_("Your password was changed just now. If this was you, all is well.")],
            closing=[_("If it was not you, please call us at once.")],
            message_id=message_id,
        )
