"""Many at once: one page per key, one charge per page, one row per notification."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from billing.gateway.inbox import store_event
from billing.gateway.interface import CheckoutRequest
from billing.gateway.models import GatewayEvent
from billing.gateway.registry import default_gateway
from billing.gateway.sandbox import delivery, services
from billing.gateway.sandbox.models import SandboxObject
from infra.common.money import Money
from infra.tenancy.firm_context import in_public


def _at_once(count: int, act: Callable[[], object]) -> list[object]:
    """What ``act`` gave or raised in each of ``count`` threads that start together."""
    results: list[object] = []
    start = Barrier(count)

    def run() -> None:
        start.wait()
        try:
            results.append(act())
        except Exception as error:
            results.append(type(error))
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def request_(committed: None) -> CheckoutRequest:
    account = (
        default_gateway()
        .create_account(
            firm_id=uuid4(), name="A", email="a@a.example", country="BE", idempotency_key="races"
        )
        .account
    )
    services.complete_onboarding(account)
    return CheckoutRequest(
        payment_id=uuid4(),
        firm_id=uuid4(),
        account=account,
        amount=Money(Decimal(121), "EUR"),
        reference="2026-014",
        return_url="https://a.example/",
        cancel_url="https://a.example/",
        email=None,
        locale="en",
        expires_at=datetime.now(UTC) + timedelta(minutes=45),
    )


def test_many_at_once(request_: CheckoutRequest) -> None:
    gateway = default_gateway()
    pages = _at_once(8, lambda: gateway.open_checkout(request_, idempotency_key="k").session_id)
    assert len(pages) == 8
    assert len(set(pages)) == 1
    session_id = str(pages[0])

    stages = _at_once(8, lambda: services.pay_with_card(session_id, "4242424242424242").stage)
    assert stages.count(services.Stage.PAID) == 1
    assert stages.count(services.SessionNotOpen) == 7
    with in_public():
        mine = SandboxObject.objects.filter(account=request_.account)
        assert mine.filter(kind="charge").count() == 1
        event = mine.get(kind="event", data__type="charge.succeeded")

    body, headers = delivery.signed(event.object_id)
    incoming = gateway.parse_event(body, headers)
    stored = _at_once(20, lambda: store_event(incoming, gateway="sandbox") is not None)
    assert sorted(map(str, stored)) == ["False"] * 19 + ["True"]
    with in_public():
        assert GatewayEvent.objects.filter(event_id=event.object_id).count() == 1
