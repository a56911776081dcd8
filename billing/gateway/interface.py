"""What Portico asks of a payment gateway, in our own words. No gateway's library is named here.

Every call names the firm's account at the gateway: object ids are unique only within it.
None of these may run inside a database transaction that holds locks, since they go over
the network (the sandbox excepted, which lives in our own database).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from infra.common.errors import Conflict, Invalid, Unavailable
from infra.common.money import Money


class GatewayUnavailable(Unavailable):
    """The gateway did not answer, or not sensibly; the outcome is unknown: ask again with the same key."""

    message = _(
        "Payments are not available right now. Nothing was charged. Please try again in a few minutes."
    )


class GatewayRefused(Conflict):
    """The gateway said no. ``gateway_code`` and ``detail`` are its own words, for logs and staff only."""

    message = _("The payment provider did not accept this. Please contact us.")

    def __init__(
        self, *, gateway_code: str = "", detail: str = "", param: str = "", status: int = 0
    ) -> None:
        self.gateway_code = gateway_code
        self.detail = detail
        self.param = param
        self.status = status
        super().__init__()


class ForgedEvent(Invalid):
    """A notification without a valid, recent signature, or that is no notification at all."""

    message = _("This notification was not sent by the payment provider.")


class RemoteState(StrEnum):
    """Where a payment stands, as far as the gateway knows (``creating`` is only known to us)."""

    CREATING = "creating"
    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """A payer is to pay exactly ``amount`` to the firm behind ``account``.

    ``reference`` is the invoice number; nothing confidential goes to the gateway besides it.
    ``expires_at`` lies 30 minutes to 24 hours ahead. A retry must repeat every value.
    ``locale`` is a language code (en, fr, nl, de). ``application_fee`` is the platform's cut.
    """

    payment_id: UUID
    firm_id: UUID
    account: str
    amount: Money
    reference: str
    return_url: str
    cancel_url: str
    email: str | None
    locale: str
    expires_at: datetime
    application_fee: Money | None = None


@dataclass(frozen=True, slots=True)
class Checkout:
    """A payment page at the gateway; ``url`` takes the payer there until ``expires_at``."""

    session_id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RemotePayment:
    """A payment as it stands at the gateway now.

    ``method_type`` is the gateway's word (card, sepa_debit, ideal …). ``failure_code`` and
    ``failure_message`` tell of the last try, also while the page is still open for another.
    ``metadata`` carries our ``firm_id`` and ``payment_id``.
    """

    session_id: str
    state: RemoteState
    amount: Money
    method_type: str | None = None
    last4: str | None = None
    payment_intent_id: str | None = None
    charge_id: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """A notification whose signature was verified. It only says that something happened to
    ``object_id`` of ``account``: ask the gateway for the object's present state."""

    event_id: str
    account: str
    type: str
    object_id: str
    livemode: bool
    created: datetime
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """A firm's account. ``capabilities`` maps methods (card_payments …) to active, pending,
    restricted, rejected or unsupported; ``requirements`` are the open points in the gateway's words."""

    account: str
    livemode: bool
    capabilities: Mapping[str, str]
    requirements: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether card payments can be taken."""
        return self.capabilities.get("card_payments") == "active"


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """A page where the firm completes its account. For one use: never mail or store it."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RemoteRefund:
    """Money on its way back. ``state``: pending, requires_action, succeeded, failed or canceled."""

    refund_id: str
    state: str
    amount: Money
    failure_reason: str | None = None


class Gateway(Protocol):
    """A payment gateway. Every method raises ``GatewayUnavailable`` or ``GatewayRefused``."""

    @property
    def name(self) -> str:
        """``stripe`` or ``sandbox``: what payments and events are stored under."""

    def open_checkout(self, request: CheckoutRequest, *, idempotency_key: str) -> Checkout:
        """Opens a payment page. The same key with the same request gives the same page."""

    def fetch_payment(self, *, account: str, session_id: str) -> RemotePayment:
        """The payment behind a page, as it stands now."""

    def find_payment(
        self, *, account: str, payment_id: UUID, created_after: datetime
    ) -> RemotePayment | None:
        """The payment that we opened as ``payment_id`` and whose answer we lost, or ``None``."""

    def expire_checkout(self, *, account: str, session_id: str) -> RemotePayment:
        """Closes a payment page; where it was already paid or closed, tells how it stands."""

    def refund_payment(
        self, *, account: str, payment_intent_id: str, amount: Money, idempotency_key: str
    ) -> RemoteRefund:
        """Sends ``amount`` back; the platform's cut goes back in proportion."""

    def parse_event(self, payload: bytes, signature: str) -> IncomingEvent:
        """A notification's content; raises ``ForgedEvent`` unless signature and age are right."""

    def create_account(
        self, *, firm_id: UUID, name: str, email: str, country: str, idempotency_key: str
    ) -> AccountStatus:
        """A new account for a firm, to be completed by it. ``country``: ISO 3166 alpha-2."""

    def account_status(self, *, account: str) -> AccountStatus:
        """What a firm's account can do, and what is still asked of it."""

    def onboarding_link(self, *, account: str, refresh_url: str, return_url: str) -> OnboardingLink:
        """A fresh page to complete the account. Coming back does not mean complete: look again."""
