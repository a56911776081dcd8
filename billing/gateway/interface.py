"""What Portico asks of a payment provider, in its own terms. No provider's codes are named here.

Every call names the firm's account at the gateway: object ids are unique only within it.
None of these may run inside a database transaction that holds locks, since they go over
the network (the sandbox excepted, which lives in our own database).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
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
    """Where a payment stands, as far as the gateway knows."""

    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELED = "canceled"


class PaymentMethod(StrEnum):
    """How somebody paid. Wallets that stand for a card (Apple Pay, Google Pay) are ``card``."""

    CARD = "card"
    SEPA_DEBIT = "sepa_debit"
    ACH_DEBIT = "ach_debit"
    BANCONTACT = "bancontact"
    IDEAL = "ideal"
    BANK_TRANSFER = "bank_transfer"
    PAYPAL = "paypal"
    WALLET = "wallet"
    OTHER = "other"


class MethodState(StrEnum):
    """Whether an account may take payments by a method."""

    ACTIVE = "active"
    PENDING = "pending"
    INACTIVE = "inactive"


class FailureCode(StrEnum):
    """Why a payment failed; ``declined`` where the provider gives no reason that we know."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_SECURITY_CODE = "incorrect_security_code"
    INCORRECT_NUMBER = "incorrect_number"
    AUTHENTICATION_REQUIRED = "authentication_required"
    PROCESSING_ERROR = "processing_error"
    CARD_BLOCKED = "card_blocked"
    DEBIT_NOT_AUTHORIZED = "debit_not_authorized"
    ACCOUNT_CLOSED = "account_closed"
    DECLINED = "declined"


class RefundState(StrEnum):
    """Where a refund stands. ``action_required``: the provider waits for the payer's bank details."""

    PENDING = "pending"
    ACTION_REQUIRED = "action_required"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class RequirementKind(StrEnum):
    """What a provider may still ask of a firm before it takes payments for it."""

    TERMS = "terms"
    BANK_ACCOUNT = "bank_account"
    IDENTITY_DOCUMENT = "identity_document"
    IDENTITY_PHOTO = "identity_photo"
    IDENTITY_NUMBER = "identity_number"
    REGISTERED_NAME = "registered_name"
    COMPANY_NUMBER = "company_number"
    LEGAL_FORM = "legal_form"
    DIRECTORS = "directors"
    OWNERS = "owners"
    REPRESENTATIVE = "representative"
    DATE_OF_BIRTH = "date_of_birth"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    WEBSITE = "website"
    SUPPORT_CONTACT = "support_contact"
    STATEMENT_NAME = "statement_name"
    ACTIVITY = "activity"
    TURNOVER = "turnover"
    WORKER_COUNT = "worker_count"
    OTHER = "other"


class EventKind(StrEnum):
    """What a notification is about."""

    PAYMENT_CHANGED = "payment_changed"
    REFUND_CHANGED = "refund_changed"
    DISPUTE_CHANGED = "dispute_changed"
    ACCOUNT_CHANGED = "account_changed"
    OTHER = "other"


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

    ``payment_id`` is ours, as given in the request. ``transaction_id`` names the movement of
    money at the provider, once there is one: refunds refer to it. ``failure_code`` tells of
    the last try, also while the page is still open for another; ``failure_message`` is the
    provider's own sentence, for staff. ``livemode``: real money, not the provider's test mode.
    """

    session_id: str
    state: RemoteState
    amount: Money
    livemode: bool = False
    payment_id: UUID | None = None
    transaction_id: str | None = None
    method_type: PaymentMethod | None = None
    last4: str | None = None
    failure_code: FailureCode | None = None
    failure_message: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """A verified notification. It only says that something happened to ``object_id`` of
    ``account``: ask the gateway for the present state.

    ``session_id`` and ``payment_id`` (ours) name the payment it is about, where the
    notification does. ``type`` is the provider's own word, for logs and operators.
    """

    kind: EventKind
    event_id: str
    account: str
    type: str
    object_id: str
    session_id: str
    payment_id: UUID | None
    livemode: bool
    created: datetime
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing still asked of a firm; ``detail`` is the provider's own code of it, for support."""

    kind: RequirementKind
    detail: str


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """A firm's account: whether payments can be taken, by which methods, and what is still asked."""

    account: str
    livemode: bool
    is_ready: bool
    methods: Mapping[PaymentMethod, MethodState]
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class OnboardingLink:
    """A page where the firm completes its account. For one use: never mail or store it."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RemoteRefund:
    """Money on its way back. ``failure_reason`` is the provider's own code, for staff."""

    refund_id: str
    state: RefundState
    amount: Money
    failure_reason: str | None = None


class Gateway(Protocol):
    """A payment gateway. Every method raises ``GatewayUnavailable`` or ``GatewayRefused``."""

    @property
    def name(self) -> str:
        """The provider's name: what accounts, payments and events are stored under."""

    @property
    def hosted_origins(self) -> tuple[str, ...]:
        """Origins (``https://host``) of the payment pages, for the Content Security Policy."""

    @property
    def onboarding_origins(self) -> tuple[str, ...]:
        """Origins of the pages where a firm completes its account."""

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
        self, *, account: str, transaction_id: str, amount: Money, idempotency_key: str
    ) -> RemoteRefund:
        """Sends ``amount`` back; the platform's cut goes back in proportion."""

    def parse_event(self, body: bytes, headers: Mapping[str, str]) -> IncomingEvent:
        """A notification's content; raises ``ForgedEvent`` unless its sender and age are proven.

        ``headers`` are those of the request; the case of their names does not matter.
        """

    def create_account(
        self, *, firm_id: UUID, name: str, email: str, country: str, idempotency_key: str
    ) -> AccountStatus:
        """A new account for a firm, to be completed by it. ``country``: ISO 3166 alpha-2."""

    def account_status(self, *, account: str) -> AccountStatus:
        """What a firm's account can do, and what is still asked of it."""

    def onboarding_link(self, *, account: str, refresh_url: str, return_url: str) -> OnboardingLink:
        """A fresh page to complete the account. Coming back does not mean complete: look again."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A payment provider as the registry lists it.

    ``settings`` names the settings without which it is not offered; ``gateway`` makes its
    gateway from them.
    """

    name: str
    settings: tuple[str, ...]
    gateway: Callable[[], Gateway]

    def missing_settings(self) -> tuple[str, ...]:
        """The names of its settings that are empty."""
        return tuple(name for name in self.settings if not getattr(settings, name, ""))
