"""The platform's own mails: the only ones that carry its name."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from infra.rendering.mail import Mail, send_mail
from infra.tenancy.locale_formats import one_stop
from tenants.firms.hosts import address
from tenants.firms.models import SignUp


def send_confirmation(sign_up: SignUp, token: str) -> None:
    """The link that turns a request into a firm."""
    link = address(settings.PLATFORM_DOMAIN, f"/sign-up/confirm/{token}/")
    with override(sign_up.language):
        send_mail(
            Mail(
                to=sign_up.owner_email,
                sender_name="Portico",
                subject=_("Confirm your address to open your portal"),
                greeting=_("Hello %(name)s,") % {"name": sign_up.owner_name},
                paragraphs=[
                    one_stop(
                        _(
                            "You asked for a client portal for %(firm)s. Confirm your address and it opens at once."
                        )
                        % {"firm": sign_up.firm_name}
                    )
                ],
                button=(_("Confirm and open the portal"), link),
                closing=[
                    _("The link works for 48 hours. If you did not ask for this, ignore this mail.")
                ],
                message_id=f"sign-up-{sign_up.pk}",
            )
        )
