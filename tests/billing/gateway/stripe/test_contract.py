"""Stripe keeps the contract of providers; its API is answered by the sandbox."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from billing.gateway.sandbox import delivery, services
from billing.gateway.sandbox.models import SandboxObject
from tests.billing.gateway.contract import GatewayContract

pytestmark = pytest.mark.django_db


class _Payer:
    def pay(self, session_id: str) -> None:
        services.pay_with_card(session_id, "4242424242424242")

    def pay_later(self, session_id: str) -> None:
        services.pay_with_card(session_id, "4000000000000341")

    def money_arrives(self, session_id: str) -> None:
        services.settle(session_id)

    def money_bounces(self, session_id: str) -> None:
        services.fail(session_id)

    def fail_to_confirm(self, session_id: str) -> None:
        services.pay_with_card(session_id, "4000002500003155")
        services.deny_authentication(session_id)

    def notifications(self) -> list[tuple[bytes, Mapping[str, str]]]:
        events = SandboxObject.objects.filter(kind="event").order_by("id")
        return [delivery.signed(event.object_id) for event in events]


class TestStripe(GatewayContract):
    @pytest.fixture
    def payer(self) -> _Payer:
        return _Payer()
