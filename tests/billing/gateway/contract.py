"""What every provider must do, whoever it is: a suite to be inherited.

A provider's tests subclass ``GatewayContract`` and give it fixtures: ``gateway``,
``new_account`` (makes an account that is ready), ``request_for`` (a request for an account)
and ``payer``, which acts at the provider as people do there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from billing.gateway.interface import (
    Checkout,
    CheckoutRequest,
    EventKind,
    FailureCode,
    ForgedEvent,
    Gateway,
    GatewayRefused,
    MethodState,
    PaymentMethod,
    RefundState,
    RemoteState,
    Requirement,
)

RequestFor = Callable[..., CheckoutRequest]


class Payer(Protocol):
    """A person on the provider's pages, and the provider's own progress and notifications."""

    def pay(self, session_id: str) -> None:
        """Pay at once, by card."""

    def pay_later(self, session_id: str) -> None:
        """Agree to a payment that takes days."""

    def money_arrives(self, session_id: str) -> None:
        """A payment that takes days succeeds."""

    def money_bounces(self, session_id: str) -> None:
        """A payment that takes days fails: not enough money."""

    def fail_to_confirm(self, session_id: str) -> None:
        """The bank asks for a confirmation and does not get it."""

    def notifications(self) -> list[tuple[bytes, Mapping[str, str]]]:
        """Bodies and headers of everything the provider has sent so far."""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class GatewayContract:
    """The rules of ``billing.gateway.interface.Gateway``."""

    def test_has_a_short_name_and_says_where_it_leads(self, gateway: Gateway) -> None:
        assert gateway.name.isidentifier()
        assert len(gateway.name) <= 10
        for origin in (*gateway.hosted_origins, *gateway.onboarding_origins):
            assert _origin(origin) == origin

    def test_a_page_opens_at_an_origin_that_it_names(
        self, gateway: Gateway, checkout: Checkout
    ) -> None:
        assert _origin(checkout.url) in gateway.hosted_origins
        assert checkout.expires_at > datetime.now(UTC)

    def test_the_same_key_opens_one_page(self, gateway: Gateway, request_for: RequestFor) -> None:
        request = request_for()
        pages = {
            gateway.open_checkout(request, idempotency_key="once").session_id for _ in range(2)
        }
        assert len(pages) == 1

    def test_a_new_page_is_open_and_names_our_payment(
        self, gateway: Gateway, account: str, request_for: RequestFor
    ) -> None:
        request = request_for()
        page = gateway.open_checkout(request, idempotency_key="k")
        payment = gateway.fetch_payment(account=account, session_id=page.session_id)
        assert (payment.state, payment.payment_id) == (RemoteState.OPEN, request.payment_id)
        assert (payment.session_id, payment.amount) == (page.session_id, request.amount)
        assert payment.method_type is payment.failure_code is None

    def test_a_payment_by_card_succeeds(
        self, gateway: Gateway, account: str, checkout: Checkout, payer: Payer
    ) -> None:
        payer.pay(checkout.session_id)
        payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
        assert (payment.state, payment.method_type) == (RemoteState.SUCCEEDED, PaymentMethod.CARD)
        assert isinstance(payment.method_type, PaymentMethod)
        assert payment.transaction_id
        assert payment.failure_code is None

    def test_a_slow_payment_is_processing_until_it_succeeds_or_fails(
        self, gateway: Gateway, account: str, request_for: RequestFor, payer: Payer
    ) -> None:
        def fetch(session_id: str) -> tuple[RemoteState, FailureCode | None]:
            found = gateway.fetch_payment(account=account, session_id=session_id)
            return found.state, found.failure_code

        good, bad = (
            gateway.open_checkout(request_for(), idempotency_key=key).session_id for key in "ab"
        )
        for session_id in (good, bad):
            payer.pay_later(session_id)
            assert fetch(session_id) == (RemoteState.PROCESSING, None)
        payer.money_arrives(good)
        payer.money_bounces(bad)
        assert fetch(good) == (RemoteState.SUCCEEDED, None)
        state, reason = fetch(bad)
        assert (state, reason) == (RemoteState.FAILED, FailureCode.INSUFFICIENT_FUNDS)
        assert isinstance(reason, FailureCode)

    def test_a_refused_confirmation_leaves_the_page_open_and_says_why(
        self, gateway: Gateway, account: str, checkout: Checkout, payer: Payer
    ) -> None:
        payer.fail_to_confirm(checkout.session_id)
        payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
        assert payment.state is RemoteState.OPEN
        assert payment.failure_code is FailureCode.AUTHENTICATION_REQUIRED

    def test_finds_a_payment_by_our_id_and_no_other(
        self, gateway: Gateway, account: str, request_for: RequestFor
    ) -> None:
        request = request_for()
        page = gateway.open_checkout(request, idempotency_key="k")
        before = datetime.now(UTC) - timedelta(minutes=1)
        found = gateway.find_payment(
            account=account, payment_id=request.payment_id, created_after=before
        )
        assert found is not None
        assert found.session_id == page.session_id
        assert (
            gateway.find_payment(account=account, payment_id=uuid4(), created_after=before) is None
        )

    def test_closing_a_page_twice_or_after_it_was_paid_tells_how_it_stands(
        self, gateway: Gateway, account: str, request_for: RequestFor, payer: Payer
    ) -> None:
        left, paid = (
            gateway.open_checkout(request_for(), idempotency_key=key).session_id for key in "ab"
        )
        for _ in range(2):
            closed = gateway.expire_checkout(account=account, session_id=left)
            assert closed.state in (RemoteState.EXPIRED, RemoteState.CANCELED)
        payer.pay(paid)
        closed = gateway.expire_checkout(account=account, session_id=paid)
        assert closed.state is RemoteState.SUCCEEDED

    def test_refunds_once_per_key_and_never_more_than_was_paid(
        self, gateway: Gateway, account: str, checkout: Checkout, payer: Payer
    ) -> None:
        payer.pay(checkout.session_id)
        payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
        transaction = payment.transaction_id or ""
        refunds = [
            gateway.refund_payment(
                account=account,
                transaction_id=transaction,
                amount=payment.amount,
                idempotency_key="once",
            )
            for _ in range(2)
        ]
        assert refunds[0] == refunds[1]
        assert isinstance(refunds[0].state, RefundState)
        assert refunds[0].amount == payment.amount
        with pytest.raises(GatewayRefused):
            gateway.refund_payment(
                account=account,
                transaction_id=transaction,
                amount=payment.amount,
                idempotency_key="again",
            )

    def test_another_accounts_payment_is_not_there(
        self, gateway: Gateway, checkout: Checkout, new_account: Callable[[], str]
    ) -> None:
        other = new_account()
        with pytest.raises(GatewayRefused):
            gateway.fetch_payment(account=other, session_id=checkout.session_id)

    def test_notifications_name_account_and_payment(
        self, gateway: Gateway, account: str, request_for: RequestFor, payer: Payer
    ) -> None:
        request = request_for()
        page = gateway.open_checkout(request, idempotency_key="k")
        payer.pay(page.session_id)
        sent = [gateway.parse_event(body, headers) for body, headers in payer.notifications()]
        about = [event for event in sent if event.kind is EventKind.PAYMENT_CHANGED]
        assert about
        assert {event.account for event in sent} == {account}
        assert len({event.event_id for event in sent}) == len(sent)
        for event in about:
            assert event.session_id == page.session_id or event.payment_id == request.payment_id

    def test_header_names_are_read_in_any_case_and_forgeries_are_refused(
        self, gateway: Gateway, checkout: Checkout, payer: Payer
    ) -> None:
        payer.pay(checkout.session_id)
        body, headers = payer.notifications()[0]
        shouted = {name.upper(): value for name, value in headers.items()}
        assert gateway.parse_event(body, shouted) == gateway.parse_event(body, headers)
        for forged, said in (
            (body, {}),
            (body + b" ", headers),
            (b"", headers),
            (b"\xff", headers),
        ):
            with pytest.raises(ForgedEvent):
                gateway.parse_event(forged, said)

    def test_an_account_is_made_once_and_says_what_is_missing(self, gateway: Gateway) -> None:
        firm_id = uuid4()
        made = [
            gateway.create_account(
                firm_id=firm_id, name="A", email="a@a.example", country="BE", idempotency_key="k"
            )
            for _ in range(2)
        ]
        assert made[0] == made[1] == gateway.account_status(account=made[0].account)
        assert not made[0].is_ready
        assert made[0].requirements
        assert all(isinstance(point, Requirement) for point in made[0].requirements)
        assert all(isinstance(method, PaymentMethod) for method in made[0].methods)

    def test_a_completed_account_is_ready(self, gateway: Gateway, account: str) -> None:
        status = gateway.account_status(account=account)
        assert status.is_ready
        assert MethodState.ACTIVE in status.methods.values()

    def test_a_firm_completes_its_account_at_an_origin_that_it_names(
        self, gateway: Gateway, account: str
    ) -> None:
        link = gateway.onboarding_link(
            account=account, refresh_url="https://a.example/", return_url="https://a.example/"
        )
        assert _origin(link.url) in gateway.onboarding_origins
        assert link.expires_at > datetime.now(UTC)
