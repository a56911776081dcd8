"""Connect the firm to the gateway: make its account, go and complete it, look at how it stands."""

from __future__ import annotations

from billing.gateway.accounts import account_of, connect_account, refresh_account
from billing.gateway.models import GatewayAccount
from billing.gateway.registry import gateway_for
from branding.identity.selectors import legal_identity
from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Conflict
from infra.tenancy.firm_context import current_firm
from tenants.firms.permissions import Permission
from tenants.people.models import User


class NotConnected(Conflict):
    """The firm has no account at the gateway yet."""


def present_account() -> GatewayAccount | None:
    """The current firm's account as we know it, or None."""
    return account_of(current_firm().id)


def connect_firm(*, by: User) -> GatewayAccount:
    """The firm's account at the gateway, made if there is none. Raises ``GatewayUnavailable``."""
    require(by.may(Permission.MANAGE_PORTAL))
    firm = current_firm()
    known = account_of(firm.id)
    if known is not None:
        return known
    account = connect_account(
        firm_id=firm.id,
        name=legal_identity().company_name or firm.name,
        email=legal_identity().email or by.email,
        country=firm.country,
    )
    record_event("payments.connected", by=by, meta={"gateway": account.gateway})
    return account


def onboarding_address(*, return_url: str, refresh_url: str, by: User) -> str:
    """A fresh one-use page at the gateway where the firm completes its account."""
    require(by.may(Permission.MANAGE_PORTAL))
    account = present_account()
    if account is None:
        raise NotConnected
    link = gateway_for(account.gateway).onboarding_link(
        account=account.account_id, refresh_url=refresh_url, return_url=return_url
    )
    return link.url


def look_again(*, by: User) -> GatewayAccount:
    """Ask the gateway how the account stands now; coming back from its page does not say so."""
    require(by.may(Permission.MANAGE_PORTAL))
    account = present_account()
    if account is None:
        raise NotConnected
    return update_account(account=account, by=by)


def update_account(*, account: GatewayAccount, by: User | None) -> GatewayAccount:
    """Write down how an account of the current firm stands at its provider now.

    ``by`` is None where the provider's own notification is the reason.
    """
    before = account.status
    account = refresh_account(account=account)
    if account.status != before:
        meta = {"gateway": account.gateway, "from": before, "to": account.status}
        record_event("payments.account_changed", by=by, meta=meta)
    return account
