"""A firm's account at the sandbox, the adapter on it, and the events that leave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from billing.gateway.interface import Checkout, CheckoutRequest, Gateway
from billing.gateway.registry import default_gateway
from billing.gateway.sandbox import services
from infra.common.money import Money

sent: list[str] = []


def record(event_id: str) -> None:
    """Stands in for the task that would post the event."""
    sent.append(event_id)


@pytest.fixture(autouse=True)
def _sandbox(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    sent.clear()
    settings.PAYMENT_GATEWAY = "sandbox"
    settings.SANDBOX_WEBHOOK_SECRET = "whsec_of_the_tests"
    monkeypatch.setattr("billing.gateway.sandbox.tasks.queue_event", record)


@pytest.fixture
def gateway() -> Gateway:
    return default_gateway()


@pytest.fixture
def new_account(gateway: Gateway) -> Callable[[], str]:
    """Makes a completed account."""

    def make() -> str:
        status = gateway.create_account(
            firm_id=uuid4(),
            name="Smith Law",
            email="owner@smith.example",
            country="BE",
            idempotency_key=str(uuid4()),
        )
        services.complete_onboarding(status.account)
        return status.account

    return make


@pytest.fixture
def account(new_account: Callable[[], str]) -> str:
    return new_account()


@pytest.fixture
def request_for(account: str) -> Callable[..., CheckoutRequest]:
    """A payment of 121.00 EUR for invoice 2026-014; fields can be given otherwise."""
    template = CheckoutRequest(
        payment_id=uuid4(),
        firm_id=uuid4(),
        account=account,
        amount=Money(Decimal("121.00"), "EUR"),
        reference="2026-014",
        return_url="https://smith.portico.example/pay/back/",
        cancel_url="https://smith.portico.example/invoices/1/",
        email="client@jansen.example",
        locale="nl",
        expires_at=(datetime.now(UTC) + timedelta(minutes=45)).replace(microsecond=0),
        application_fee=None,
    )

    def make(**changes: Any) -> CheckoutRequest:
        return replace(template, **{"payment_id": uuid4(), **changes})

    return make


@pytest.fixture
def checkout(gateway: Gateway, request_for: Callable[..., CheckoutRequest]) -> Checkout:
    return gateway.open_checkout(request_for(), idempotency_key="fixture")
