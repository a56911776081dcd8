"""``Gateway`` on Stripe's API: direct charges on the firm's own account, hosted Checkout.

The firm is merchant of record; what we send about a matter is the invoice number and our
own ids, nothing else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import stripe

from billing.gateway.interface import (
    AccountStatus,
    Checkout,
    CheckoutRequest,
    ForgedEvent,
    GatewayRefused,
    GatewayUnavailable,
    IncomingEvent,
    MethodState,
    OnboardingLink,
    PaymentMethod,
    RefundState,
    RemotePayment,
    RemoteRefund,
    RemoteState,
)
from billing.gateway.stripe.amounts import from_stripe, to_stripe
from billing.gateway.stripe.events import incoming_event
from billing.gateway.stripe.methods import method_states
from billing.gateway.stripe.requirements import requirement_of
from billing.gateway.stripe.states import descriptor_suffix, remote_payment
from infra.common.money import Money

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

logger = logging.getLogger(__name__)

_EXPAND: Final = ["payment_intent.latest_charge"]
_LOCALES: Final = frozenset({"en", "fr", "nl", "de"})
_SIGNATURE_SECONDS: Final = 300
_REFUND_STATES: Final = {
    "requires_action": RefundState.ACTION_REQUIRED,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELED,
}

# No word about this machine goes along with the calls.
stripe.enable_telemetry = False


class StripeGateway:
    """``Gateway`` on Stripe's API. ``http_client`` replaces the wire (the sandbox does)."""

    def __init__(
        self,
        *,
        key: str,
        webhook_secret: str,
        name: str = "stripe",
        http_client: stripe.HTTPClient | None = None,
        hosted_origins: tuple[str, ...] = ("https://checkout.stripe.com",),
        onboarding_origins: tuple[str, ...] = ("https://connect.stripe.com",),
    ) -> None:
        self._name = name
        self._hosted_origins = hosted_origins
        self._onboarding_origins = onboarding_origins
        self._webhook_secret = webhook_secret
        # Without max_network_retries this client makes one attempt only.
        self._client = stripe.StripeClient(
            key, max_network_retries=2, http_client=http_client or stripe.RequestsClient(timeout=20)
        )

    @property
    def name(self) -> str:
        return self._name

    @property
    def hosted_origins(self) -> tuple[str, ...]:
        return self._hosted_origins

    @property
    def onboarding_origins(self) -> tuple[str, ...]:
        return self._onboarding_origins

    def open_checkout(self, request: CheckoutRequest, *, idempotency_key: str) -> Checkout:
        with _translated():
            session = self._client.v1.checkout.sessions.create(
                _session_params(request),
                {"stripe_account": request.account, "idempotency_key": idempotency_key},
            )
        return Checkout(session.id, session.url or "", _moment(session.expires_at))

    def fetch_payment(self, *, account: str, session_id: str) -> RemotePayment:
        with _translated():
            session = self._client.v1.checkout.sessions.retrieve(
                session_id, {"expand": _EXPAND}, {"stripe_account": account}
            )
        return remote_payment(session.to_dict())

    def find_payment(
        self, *, account: str, payment_id: UUID, created_after: datetime
    ) -> RemotePayment | None:
        with _translated():
            sessions = self._client.v1.checkout.sessions.list(
                {"limit": 100, "created": {"gte": int(created_after.timestamp())}},
                {"stripe_account": account},
            )
            for session in sessions.auto_paging_iter():
                if session.client_reference_id == str(payment_id):
                    return self.fetch_payment(account=account, session_id=session.id)
        return None

    def expire_checkout(self, *, account: str, session_id: str) -> RemotePayment:
        try:
            with _translated():
                self._client.v1.checkout.sessions.expire(
                    session_id, {}, {"stripe_account": account}
                )
        except GatewayRefused as refused:
            # Only an open page can be closed: it was paid or had ended in the meantime.
            payment = self.fetch_payment(account=account, session_id=session_id)
            if payment.state is RemoteState.OPEN:
                raise refused
            return payment
        return self.fetch_payment(account=account, session_id=session_id)

    def refund_payment(
        self, *, account: str, transaction_id: str, amount: Money, idempotency_key: str
    ) -> RemoteRefund:
        with _translated():
            refund = self._client.v1.refunds.create(
                {"payment_intent": transaction_id, "amount": to_stripe(amount)},
                {"stripe_account": account, "idempotency_key": idempotency_key},
            )
        return RemoteRefund(
            refund_id=refund.id,
            state=_REFUND_STATES.get(refund.status or "", RefundState.PENDING),
            amount=from_stripe(refund.amount, refund.currency),
            failure_reason=getattr(refund, "failure_reason", None),
        )

    def parse_event(self, body: bytes, headers: Mapping[str, str]) -> IncomingEvent:
        signature = {name.lower(): value for name, value in headers.items()}.get("stripe-signature")
        try:
            self._client.construct_event(
                body, signature or "", self._webhook_secret, _SIGNATURE_SECONDS
            )
            return incoming_event(json.loads(body))
        except (
            stripe.SignatureVerificationError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
            OSError,
            RecursionError,
        ) as error:
            raise ForgedEvent from error

    def create_account(
        self, *, firm_id: UUID, name: str, email: str, country: str, idempotency_key: str
    ) -> AccountStatus:
        with _translated():
            account = self._client.v2.core.accounts.create(
                {
                    "contact_email": email,
                    "display_name": name,
                    "dashboard": "full",
                    "identity": {"country": country.lower()},
                    "defaults": {
                        "responsibilities": {
                            "fees_collector": "stripe",
                            "losses_collector": "stripe",
                        }
                    },
                    "configuration": {
                        "merchant": {
                            "capabilities": {
                                "card_payments": {"requested": True},
                                "bancontact_payments": {"requested": True},
                                "ideal_payments": {"requested": True},
                                "sepa_debit_payments": {"requested": True},
                                "ach_debit_payments": {"requested": True},
                            }
                        }
                    },
                    "metadata": {"firm_id": str(firm_id)},
                    "include": ["configuration.merchant", "requirements"],
                },
                {"idempotency_key": idempotency_key},
            )
        return _status(account.to_dict())

    def account_status(self, *, account: str) -> AccountStatus:
        with _translated():
            found = self._client.v2.core.accounts.retrieve(
                account, {"include": ["configuration.merchant", "requirements"]}
            )
        return _status(found.to_dict())

    def onboarding_link(self, *, account: str, refresh_url: str, return_url: str) -> OnboardingLink:
        with _translated():
            link = self._client.v2.core.account_links.create(
                {
                    "account": account,
                    "use_case": {
                        "type": "account_onboarding",
                        "account_onboarding": {
                            "refresh_url": refresh_url,
                            "return_url": return_url,
                        },
                    },
                }
            )
        return OnboardingLink(link.url, datetime.fromisoformat(str(link.expires_at)))


def _session_params(request: CheckoutRequest) -> SessionCreateParams:
    """One line item of exactly the amount; our ids on the session and on what it becomes."""
    ids = {"firm_id": str(request.firm_id), "payment_id": str(request.payment_id)}
    params: SessionCreateParams = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": str(request.payment_id),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.amount.currency.lower(),
                    "unit_amount": to_stripe(request.amount),
                    "product_data": {"name": request.reference},
                },
            }
        ],
        "metadata": ids,
        "payment_intent_data": {"metadata": dict(ids), "description": request.reference},
        "success_url": _with_session_id(request.return_url),
        "cancel_url": request.cancel_url,
        "locale": request.locale if request.locale in _LOCALES else "auto",
        "expires_at": int(request.expires_at.timestamp()),
    }
    if request.email:
        params["customer_email"] = request.email
    if suffix := descriptor_suffix(request.reference):
        params["payment_intent_data"]["statement_descriptor_suffix"] = suffix
    if request.application_fee:
        params["payment_intent_data"]["application_fee_amount"] = to_stripe(request.application_fee)
    return params


def _with_session_id(url: str) -> str:
    """Stripe puts the session's id where the braces stand; they must not be escaped."""
    if "{CHECKOUT_SESSION_ID}" in url:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}cs={{CHECKOUT_SESSION_ID}}"


def _status(account: dict[str, Any]) -> AccountStatus:
    merchant = (account.get("configuration") or {}).get("merchant") or {}
    entries = (account.get("requirements") or {}).get("entries") or []
    methods = method_states(merchant.get("capabilities") or {})
    return AccountStatus(
        account=account["id"],
        livemode=bool(account.get("livemode")),
        # Checkout refuses an account without it, whatever else is active.
        is_ready=methods.get(PaymentMethod.CARD) is MethodState.ACTIVE,
        methods=methods,
        requirements=tuple(requirement_of(entry.get("description", "")) for entry in entries),
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _code_of(error: stripe.StripeError) -> str:
    """Stripe's code; the library leaves it out of some exceptions, but keeps the answer."""
    body = error.json_body if isinstance(error.json_body, dict) else {}
    return str(error.code or (body.get("error") or {}).get("code") or "")


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's exceptions as ours. What Stripe says is logged, never shown to a payer."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.AuthenticationError) as error:
        logger.warning("stripe unavailable: %s %s", type(error).__name__, error.code)
        raise GatewayUnavailable from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        if status >= 500 or type(error) is stripe.APIError:
            logger.warning("stripe unavailable: %s %s", status, error.code)
            raise GatewayUnavailable from error
        logger.info(
            "stripe refused: %s %s %s", status, _code_of(error), getattr(error, "param", None)
        )
        raise GatewayRefused(
            gateway_code=_code_of(error),
            detail=error.user_message or "",
            param=getattr(error, "param", None) or "",
            status=status,
        ) from error
