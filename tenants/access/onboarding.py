"""From a confirmed address to a firm with an owner who can set a password."""

from __future__ import annotations

from infra.tenancy.firm_context import in_firm
from tenants.access.invitations import founding_invitation
from tenants.firms.hosts import address
from tenants.firms.sign_up import confirm_sign_up_firm
from tenants.people.models import User


def confirm_sign_up(*, token: str) -> str:
    """Open the firm of a confirmed sign-up; returns the address where its owner goes on.

    Asking again leads to the same firm: to setting the password while there is no owner
    yet, to the sign-in page afterwards. Raises ``SignUpExpired``, ``SlugUnavailable``.
    """
    sign_up, firm, _made = confirm_sign_up_firm(token=token)
    ref = firm.ref
    with in_firm(ref):
        if User.objects.filter(kind=User.Kind.STAFF).exists():
            return address(ref.console_host, "/sign-in/")
        secret = founding_invitation(email=sign_up.owner_email, name=sign_up.owner_name)
    return address(ref.console_host, f"/invitation/{secret}/")
