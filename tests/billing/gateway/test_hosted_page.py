"""The sandbox's payment page: each test card, and what the adapter and the events then say."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from billing.gateway.interface import (
    Checkout,
    CheckoutRequest,
    Gateway,
    GatewayRefused,
    RemoteState,
)
from billing.gateway.sandbox import services
from billing.gateway.sandbox.models import SandboxObject
from billing.gateway.sandbox.services import Stage
from infra.common.money import Money

pytestmark = pytest.mark.django_db
OK, DECLINED, ASKS, LATER = (
    "4242424242424242",
    "4000000000000002",
    "4000002500003155",
    "4000000000000341",
)


def _events() -> list[str]:
    rows = SandboxObject.objects.filter(kind="event").order_by("id")
    return [row.data["type"] for row in rows]


def test_shows_who_is_paid_how_much(checkout: Checkout) -> None:
    page = services.open_session(checkout.session_id)
    assert (page.account_name, page.name, str(page.amount)) == (
        "Smith Law",
        "2026-014",
        "121.00 EUR",
    )
    assert (page.stage, page.email, page.locale) == (Stage.PAY, "client@jansen.example", "nl")
    assert page.return_url == page.cancel_url
    assert page.expires_at == checkout.expires_at


def test_pays(gateway: Gateway, account: str, checkout: Checkout) -> None:
    page = services.pay_with_card(checkout.session_id, "4242 4242 4242 4242")
    assert page.stage is Stage.PAID
    assert page.return_url == f"https://smith.portico.example/pay/back/?cs={checkout.session_id}"
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert payment.state is RemoteState.SUCCEEDED
    assert payment.amount == Money(Decimal("121.00"), "EUR")
    assert (payment.method_type, payment.last4) == ("card", "4242")
    assert payment.transaction_id
    assert payment.payment_id is not None
    assert _events() == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_declined_card_leaves_the_page_open(
    gateway: Gateway, account: str, checkout: Checkout
) -> None:
    page = services.pay_with_card(checkout.session_id, DECLINED)
    assert (page.stage, page.declined) == (Stage.PAY, "Your card was declined.")
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert (payment.state, payment.failure_code) == (RemoteState.OPEN, "declined")
    assert (payment.method_type, payment.last4) == ("card", "0002")
    assert _events() == ["payment_intent.payment_failed"]
    first = payment.transaction_id
    assert services.pay_with_card(checkout.session_id, OK).stage is Stage.PAID
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert (payment.state, payment.transaction_id) == (RemoteState.SUCCEEDED, first)
    assert payment.failure_code is None


def test_3d_secure_approved(gateway: Gateway, account: str, checkout: Checkout) -> None:
    assert services.pay_with_card(checkout.session_id, ASKS).stage is Stage.CONFIRM
    fetched = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert fetched.state is RemoteState.OPEN
    assert services.approve_authentication(checkout.session_id).stage is Stage.PAID
    with pytest.raises(services.NothingToDecide):
        services.approve_authentication(checkout.session_id)


def test_3d_secure_denied(gateway: Gateway, account: str, checkout: Checkout) -> None:
    services.pay_with_card(checkout.session_id, ASKS)
    page = services.deny_authentication(checkout.session_id)
    assert (page.stage, page.declined) == (Stage.PAY, "The payment was not authenticated.")
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert (payment.state, payment.failure_code) == (RemoteState.OPEN, "authentication_required")
    with pytest.raises(services.NothingToDecide):
        services.deny_authentication(checkout.session_id)


def test_pays_later_and_settles(gateway: Gateway, account: str, checkout: Checkout) -> None:
    page = services.pay_with_card(checkout.session_id, LATER)
    assert (page.stage, page.declined) == (Stage.UNDER_WAY, None)
    assert _events() == ["payment_intent.processing", "checkout.session.completed"]
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert payment.state is RemoteState.PROCESSING
    assert services.settle(checkout.session_id).stage is Stage.PAID
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert payment.state is RemoteState.SUCCEEDED
    assert _events()[-1] == "checkout.session.async_payment_succeeded"


def test_pays_later_and_bounces(gateway: Gateway, account: str, checkout: Checkout) -> None:
    services.pay_with_card(checkout.session_id, LATER)
    assert services.fail(checkout.session_id).stage is Stage.FAILED
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert (payment.state, payment.failure_code) == (RemoteState.FAILED, "insufficient_funds")
    assert _events()[-2:] == [
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
    for decide in (services.settle, services.fail):
        with pytest.raises(services.NothingToDecide):
            decide(checkout.session_id)


def test_nothing_is_under_way_on_an_open_page(checkout: Checkout) -> None:
    with pytest.raises(services.NothingToDecide):
        services.settle(checkout.session_id)


def test_going_back_changes_nothing(gateway: Gateway, account: str, checkout: Checkout) -> None:
    assert services.abandon(checkout.session_id) == "https://smith.portico.example/invoices/1/"
    fetched = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert fetched.state is RemoteState.OPEN
    assert _events() == []


def test_refuses_to_pay_twice(checkout: Checkout) -> None:
    services.pay_with_card(checkout.session_id, OK)
    with pytest.raises(services.SessionNotOpen):
        services.pay_with_card(checkout.session_id, OK)
    assert SandboxObject.objects.filter(kind="charge").count() == 1


def test_refuses_to_pay_on_a_page_that_ended(checkout: Checkout) -> None:
    services.pay_with_card(checkout.session_id, DECLINED)
    with time_machine.travel(checkout.expires_at + timedelta(seconds=1)):
        with pytest.raises(services.SessionNotOpen):
            services.pay_with_card(checkout.session_id, OK)
        assert services.open_session(checkout.session_id).stage is Stage.EXPIRED
    assert SandboxObject.objects.get(kind="payment_intent").data["status"] == "canceled"
    assert _events()[-1] == "checkout.session.expired"


def test_takes_test_cards_only(checkout: Checkout) -> None:
    with pytest.raises(services.NotATestCard) as refused:
        services.pay_with_card(checkout.session_id, "4111 1111 1111 1111")
    assert "number" in refused.value.fields
    assert not SandboxObject.objects.filter(kind="payment_method").exists()


def test_an_unknown_page() -> None:
    for act in (services.open_session, services.settle, services.abandon):
        with pytest.raises(services.SessionUnknown):
            act("cs_demo_0")
    with pytest.raises(services.SessionUnknown):
        services.complete_onboarding("acct_demo0")


def test_refunds_in_parts_and_never_more_than_was_paid(
    gateway: Gateway, account: str, request_for: Callable[..., CheckoutRequest]
) -> None:
    checkout = gateway.open_checkout(request_for(), idempotency_key="k")
    services.pay_with_card(checkout.session_id, OK)
    intent = (
        gateway.fetch_payment(account=account, session_id=checkout.session_id).transaction_id or ""
    )

    def refund(amount: str, key: str) -> str:
        money = Money(Decimal(amount), "EUR")
        return gateway.refund_payment(
            account=account, transaction_id=intent, amount=money, idempotency_key=key
        ).state

    assert refund("21.00", "a") == "succeeded"
    assert refund("21.00", "a") == "succeeded"
    with pytest.raises(GatewayRefused):
        refund("100.01", "b")
    assert refund("100.00", "c") == "succeeded"
    with pytest.raises(GatewayRefused) as refused:
        refund("0.01", "d")
    assert refused.value.gateway_code == "charge_already_refunded"
    assert SandboxObject.objects.filter(kind="refund").count() == 2
    assert _events()[-2:] == ["refund.created", "charge.refunded"]


def test_refuses_to_refund_what_is_under_way(
    gateway: Gateway, account: str, checkout: Checkout
) -> None:
    services.pay_with_card(checkout.session_id, LATER)
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    with pytest.raises(GatewayRefused):
        gateway.refund_payment(
            account=account,
            transaction_id=payment.transaction_id or "",
            amount=payment.amount,
            idempotency_key="a",
        )
