"""Which provider a firm takes payments through, and its account there."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.gateway.interface import AccountStatus
from billing.gateway.models import GatewayAccount
from billing.gateway.registry import default_gateway, gateway_for, offered_providers
from infra.common.errors import Conflict
from infra.tenancy.firm_context import in_public


class PaymentsNotConnected(Conflict):
    """The firm cannot take online payments yet."""

    message = _("Online payment is not available yet. Please pay by bank transfer.")


def account_of(firm_id: UUID) -> GatewayAccount | None:
    """The firm's account, in any state but disconnected.

    One at a provider that this deployment no longer offers does not count.
    """
    with in_public():
        return (
            GatewayAccount.objects.filter(firm_id=firm_id, gateway__in=offered_providers())
            .exclude(status=GatewayAccount.Status.DISCONNECTED)
            .first()
        )


def account_for(firm_id: UUID) -> GatewayAccount:
    """The account that a new payment to the firm goes to. Raises ``PaymentsNotConnected``."""
    account = account_of(firm_id)
    if account is None or account.status != GatewayAccount.Status.ACTIVE:
        raise PaymentsNotConnected
    return account


def takes_payments(firm_id: UUID) -> bool:
    """Whether a payment to the firm could be started now."""
    try:
        account_for(firm_id)
    except PaymentsNotConnected:
        return False
    return True


def account_at(gateway: str, account_id: str) -> GatewayAccount | None:
    """The account that a provider's notification is about, whichever firm has it, or None."""
    with in_public():
        return GatewayAccount.objects.filter(gateway=gateway, account_id=account_id).first()


def connect_account(*, firm_id: UUID, name: str, email: str, country: str) -> GatewayAccount:
    """The firm's account, made at the default provider if there is none; asking again gives the same.

    Raises ``GatewayUnavailable`` or ``GatewayRefused``. No transaction around the call.
    """
    known = account_of(firm_id)
    if known is not None:
        return known
    gateway = default_gateway()
    account = _returning(firm_id, gateway.name)
    if account is None:
        status = gateway.create_account(
            firm_id=firm_id,
            name=name,
            email=email,
            country=country,
            idempotency_key=f"account:{firm_id}",
        )
        account = _keep(firm_id, gateway.name, status)
    return refresh_account(account=account)


def _give_way(firm_id: UUID) -> None:
    """An account at a provider that is no longer offered makes room for another one."""
    GatewayAccount.objects.filter(firm_id=firm_id).exclude(gateway__in=offered_providers()).update(
        status=GatewayAccount.Status.DISCONNECTED
    )


def _returning(firm_id: UUID, gateway: str) -> GatewayAccount | None:
    """The account that a firm had at this provider before, connected again."""
    with in_public(), transaction.atomic():
        account = GatewayAccount.objects.filter(firm_id=firm_id, gateway=gateway).first()
        if account is not None:
            _give_way(firm_id)
            account.status = GatewayAccount.Status.PENDING
            account.save(update_fields=["status", "updated_at"])
        return account


def _keep(firm_id: UUID, gateway: str, status: AccountStatus) -> GatewayAccount:
    with in_public(), transaction.atomic():
        _give_way(firm_id)
        # Whoever pressed at the same moment got the same account and keeps the same row.
        GatewayAccount.objects.bulk_create(
            [
                GatewayAccount(
                    firm_id=firm_id,
                    gateway=gateway,
                    account_id=status.account,
                    livemode=status.livemode,
                )
            ],
            ignore_conflicts=True,
        )
        return GatewayAccount.objects.get(gateway=gateway, account_id=status.account)


def refresh_account(*, account: GatewayAccount) -> GatewayAccount:
    """Ask the gateway what the account can do now and what is still missing."""
    status = gateway_for(account.gateway).account_status(account=account.account_id)
    with in_public():
        account.methods = dict(status.methods)
        account.requirements = [asdict(point) for point in status.requirements]
        account.status = (
            GatewayAccount.Status.ACTIVE if status.is_ready else GatewayAccount.Status.PENDING
        )
        account.save(update_fields=["methods", "requirements", "status", "updated_at"])
    return account
