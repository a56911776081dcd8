"""A firm's account: made, completed, looked at."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from billing.gateway.interface import (
    AccountStatus,
    Gateway,
    GatewayRefused,
    MethodState,
    PaymentMethod,
)
from billing.gateway.sandbox import services
from billing.gateway.sandbox.models import SandboxObject

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(gateway: Gateway) -> AccountStatus:
    return gateway.create_account(
        firm_id=uuid4(),
        name="Smith Law",
        email="o@smith.example",
        country="BE",
        idempotency_key="a",
    )


def test_a_new_account_must_be_completed(gateway: Gateway, fresh: AccountStatus) -> None:
    assert not fresh.is_ready
    assert fresh.livemode is False
    assert set(fresh.methods.values()) == {MethodState.INACTIVE}
    assert PaymentMethod.SEPA_DEBIT in fresh.methods
    assert fresh.requirements
    assert gateway.account_status(account=fresh.account) == fresh


def test_a_completed_account_is_ready(gateway: Gateway, fresh: AccountStatus) -> None:
    services.complete_onboarding(fresh.account)
    status = gateway.account_status(account=fresh.account)
    assert status.is_ready
    assert status.requirements == ()


def test_the_same_key_makes_one_account(gateway: Gateway) -> None:
    firm_id = uuid4()
    made = {
        gateway.create_account(
            firm_id=firm_id, name="A", email="a@a.example", country="NL", idempotency_key="k"
        ).account
        for _ in range(2)
    }
    assert len(made) == 1
    assert SandboxObject.objects.get(object_id=made.pop()).data["metadata"] == {
        "firm_id": str(firm_id)
    }


def test_a_link_leads_to_the_page_for_a_short_time(gateway: Gateway, fresh: AccountStatus) -> None:
    link = gateway.onboarding_link(
        account=fresh.account,
        refresh_url="https://a.example/again/",
        return_url="https://a.example/",
    )
    assert fresh.account in link.url
    assert 0 < (link.expires_at - datetime.now(UTC)).total_seconds() <= 300


def test_an_unknown_account(gateway: Gateway) -> None:
    with pytest.raises(GatewayRefused):
        gateway.account_status(account="acct_demo0")
    with pytest.raises(GatewayRefused):
        gateway.onboarding_link(
            account="acct_demo0", refresh_url="https://a", return_url="https://a"
        )
