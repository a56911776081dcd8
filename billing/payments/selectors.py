"""Read payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db.models import F, OuterRef, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from billing.gateway.models import GatewayAccount, GatewayEvent
from billing.invoices.models import Invoice
from billing.invoices.policy import pays_for
from billing.payments.models import Allocation, Payment, PaymentItem
from infra.common.actor import Reader
from infra.common.errors import NotFound
from infra.tenancy.database.fast.compiled_query import PERSON, RowsAsJson, reader_like, rows
from infra.tenancy.firm_context import in_public
from tenants.firms.selectors import firm_names, first_line
from tenants.people.models import User

STUCK_AFTER = timedelta(minutes=5)


class PaymentUnknown(NotFound):
    """There is no such payment, or it is not theirs to know of."""


class GatewayEventUnknown(NotFound):
    """There is no such event."""


@dataclass(frozen=True, slots=True)
class StuckEvent:
    """A gateway's notification that was not dealt with, as operators see it: no amounts, no names."""

    id: UUID
    gateway: str
    type: str
    event_id: str
    firm: str
    attempts: int
    reason: str
    has_failed: bool
    received_at: datetime


def stuck_events(*, limit: int = 100) -> list[StuckEvent]:
    """Events that failed for good, or wait for more than five minutes; newest first."""
    late = timezone.now() - STUCK_AFTER
    stuck = Q(state=GatewayEvent.State.FAILED) | Q(
        state=GatewayEvent.State.RECEIVED, received_at__lt=late
    )
    with in_public():
        events = list(
            GatewayEvent.objects.filter(stuck).defer("payload").order_by("-received_at")[:limit]
        )
        accounts = {event.account for event in events}
        owners: dict[tuple[str, str], UUID] = {
            (account.gateway, account.account_id): account.firm_id
            for account in GatewayAccount.objects.filter(account_id__in=accounts)
        }
    names = firm_names(set(owners.values()))
    firms = {account: names.get(firm_id, "") for account, firm_id in owners.items()}
    return [
        StuckEvent(
            id=event.pk,
            gateway=event.gateway,
            type=event.type,
            event_id=event.event_id,
            firm=firms.get((event.gateway, event.account), ""),
            attempts=event.attempts,
            reason=first_line(event.error),
            has_failed=event.state == GatewayEvent.State.FAILED,
            received_at=event.received_at,
        )
        for event in events
    ]


def find_payments(user: Reader) -> Any:
    """Payments the person may see, newest first, with client, payer and what they paid."""
    return (
        Payment.objects.visible_to(user)
        .select_related("client", "payer")
        .prefetch_related("items__invoice", "allocations__invoice")
    )


def find_settled_payments(user: Reader) -> Any:
    """Of the payments that ``find_payments`` finds, those in which money moves, moved or was
    refused; not pages that were left or that still wait for the payer's first step."""
    return find_payments(user).exclude(
        state__in=(Payment.State.CREATING, Payment.State.EXPIRED, Payment.State.CANCELED)
    )


def get_payment(user: Reader, payment_id: UUID) -> Payment:
    """One payment. Raises ``PaymentUnknown``, absent or forbidden alike."""
    found: Payment | None = find_payments(user).filter(pk=payment_id).first()
    if found is None:
        raise PaymentUnknown
    return found


def allocations_to(invoice: Invoice) -> QuerySet[Allocation]:
    """The money that came for an invoice that the person was found to see, with who paid."""
    return Allocation.objects.filter(invoice=invoice).select_related("payment__payer")


def payment_under_way(invoice: Invoice) -> Payment | None:
    """The payment of an invoice that the bank is still working on, or None."""
    found: Payment | None = Payment.objects.filter(
        items__invoice=invoice, items__is_live=True, state=Payment.State.PROCESSING
    ).first()
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose shared invoices a person may pay, and which the bank is still working on."""

    payable_clients: frozenset[UUID] = frozenset()
    under_way: frozenset[UUID] = frozenset()


def payment_standing(user: Reader) -> Standing:
    """What a client's list of open invoices needs to know beside its rows, in one statement."""
    person = reader_like(user)
    if person is None or user.kind != User.Kind.CLIENT:
        return Standing()
    found = rows(
        ("payment standing", person, timezone.localdate()),
        lambda: _standing(person),
        {PERSON: user.pk},
    )
    return Standing(
        frozenset(client for client, _invoice in found if client is not None),
        frozenset(invoice for _client, invoice in found if invoice is not None),
    )


def _standing(user: Reader) -> Any:
    nothing = Value(None, output_field=UUIDField())
    under_way = (
        Payment.objects.visible_to(user)
        .filter(state=Payment.State.PROCESSING, items__is_live=True)
        .order_by()
        .values_list(nothing, "items__invoice_id")
    )
    return pays_for(user).order_by().values_list("client_id", nothing).union(under_way, all=True)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in a list, with the numbers of what it was for."""

    id: UUID
    state: str
    currency: str
    amount: Decimal
    payer_id: UUID | None
    moment: datetime
    numbers: tuple[str, ...]


def _latest(user: Reader, states: tuple[str, ...]) -> Any:
    items = (
        PaymentItem.objects.filter(payment_id=OuterRef("pk"))
        .order_by("id")
        .values(number=F("invoice__number"))
    )
    return (
        Payment.objects.visible_to(user)
        .filter(state__in=states)
        .annotate(
            moment=Coalesce("succeeded_at", "created_at"),
            sum=Coalesce("received", "amount"),
            numbers=RowsAsJson(items),
        )
        .values_list("id", "state", "currency", "sum", "payer_id", "moment", "numbers")
    )


def latest_payments(user: Reader, *, states: tuple[str, ...], limit: int) -> list[PaymentRow]:
    """The newest payments in these states that the person may see, in one statement."""
    person = reader_like(user)
    if person is None:
        return []
    found = rows(
        ("latest payments", person, states, limit, timezone.localdate()),
        lambda: _latest(person, states)[:limit],
        {PERSON: user.pk},
    )
    return [
        PaymentRow(
            id=row[0],
            state=row[1],
            currency=row[2],
            amount=row[3],
            payer_id=row[4],
            moment=row[5],
            numbers=tuple(item["number"] or "" for item in orjson.loads(row[6] or "[]")),
        )
        for row in found
    ]
