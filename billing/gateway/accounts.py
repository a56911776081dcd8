"""Which account at the gateway belongs to which firm."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.gateway.models import GatewayAccount
from billing.gateway.registry import gateway_for
from infra.common.errors import Conflict
from infra.tenancy.firm_context import in_public


class PaymentsNotConnected(Conflict):
    """The firm cannot take online payments yet."""

    message = _("Online payment is not available yet. Please pay by bank transfer.")


def account_of(firm_id: UUID) -> GatewayAccount | None:
    """The firm's account at the gateway in use, in any state but disconnected."""
    with in_public():
        return (
            GatewayAccount.objects.filter(firm_id=firm_id, gateway=settings.PAYMENT_GATEWAY)
            .exclude(status=GatewayAccount.Status.DISCONNECTED)
            .first()
        )


def account_for(firm_id: UUID) -> str:
    """The account a payment to the firm goes to. Raises ``PaymentsNotConnected``."""
    account = account_of(firm_id)
    if account is None or account.status != GatewayAccount.Status.ACTIVE:
        raise PaymentsNotConnected
    return account.account_id


def firm_of_account(gateway: str, account_id: str) -> UUID | None:
    """The firm an event's account belongs to, or None."""
    with in_public():
        found = GatewayAccount.objects.filter(gateway=gateway, account_id=account_id).first()
        return found.firm_id if found else None


def connect_account(*, firm_id: UUID, name: str, email: str, country: str) -> GatewayAccount:
    """The firm's account at the gateway, made if there is none; asking again gives the same one.

    Raises ``GatewayUnavailable`` or ``GatewayRefused``. No transaction around the call.
    """
    known = account_of(firm_id)
    if known is not None:
        return known
    status = gateway_for().create_account(
        firm_id=firm_id,
        name=name,
        email=email,
        country=country,
        idempotency_key=f"account:{firm_id}",
    )
    with in_public(), transaction.atomic():
        GatewayAccount.objects.bulk_create(
            [
                GatewayAccount(
                    firm_id=firm_id,
                    gateway=settings.PAYMENT_GATEWAY,
                    account_id=status.account,
                    livemode=status.livemode,
                )
            ],
            ignore_conflicts=True,
        )
    account = account_of(firm_id)
    if account is None:
        raise PaymentsNotConnected
    return refresh_account(account=account)


def refresh_account(*, account: GatewayAccount) -> GatewayAccount:
    """Ask the gateway what the account can do now and what is still missing."""
    status = gateway_for(account.gateway).account_status(account=account.account_id)
    with in_public():
        account.capabilities = dict(status.capabilities)
        account.requirements = list(status.requirements)
        account.status = (
            GatewayAccount.Status.ACTIVE if status.is_ready else GatewayAccount.Status.PENDING
        )
        account.save(update_fields=["capabilities", "requirements", "status", "updated_at"])
    return account
