"""Opening, finding and closing a payment page: the real adapter and library on the sandbox."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import stripe
import time_machine

from billing.gateway.interface import (
    Checkout,
    CheckoutRequest,
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    RemoteState,
)
from billing.gateway.sandbox import services
from billing.gateway.sandbox.models import SandboxObject
from billing.gateway.sandbox.transport import SandboxTransport
from infra.common.money import Money

pytestmark = pytest.mark.django_db
RequestFor = Callable[..., CheckoutRequest]


def _stored(session_id: str) -> dict[str, Any]:
    data: dict[str, Any] = SandboxObject.objects.get(object_id=session_id).data
    return data


def test_opens_a_page_for_exactly_the_amount(gateway: Gateway, request_for: RequestFor) -> None:
    request = request_for(application_fee=Money(Decimal("1.21"), "EUR"))
    checkout = gateway.open_checkout(request, idempotency_key="k")
    assert checkout.expires_at == request.expires_at
    assert checkout.session_id in checkout.url
    session = _stored(checkout.session_id)
    assert (session["amount_total"], session["currency"], session["locale"]) == (12100, "eur", "nl")
    ids = {"firm_id": str(request.firm_id), "payment_id": str(request.payment_id)}
    assert session["metadata"] == ids
    assert session["_intent"]["metadata"] == ids
    assert session["_intent"]["application_fee_amount"] == 121
    assert session["_intent"]["statement_descriptor_suffix"] == "N2026-014"
    assert session["client_reference_id"] == str(request.payment_id)
    query = parse_qs(urlsplit(session["success_url"]).query)
    assert query == {"cs": ["{CHECKOUT_SESSION_ID}"]}


def test_sends_nothing_confidential(gateway: Gateway, request_for: RequestFor) -> None:
    session = _stored(gateway.open_checkout(request_for(), idempotency_key="k").session_id)
    assert session["_name"] == session["_intent"]["description"] == "2026-014"


def test_keeps_a_place_for_the_session_id(gateway: Gateway, request_for: RequestFor) -> None:
    for url, expected in (
        ("https://a.example/?x=1", "https://a.example/?x=1&cs={CHECKOUT_SESSION_ID}"),
        ("https://a.example/{CHECKOUT_SESSION_ID}/", "https://a.example/{CHECKOUT_SESSION_ID}/"),
    ):
        checkout = gateway.open_checkout(
            request_for(return_url=url, locale="pt"), idempotency_key=url
        )
        assert _stored(checkout.session_id)["success_url"] == expected
        assert _stored(checkout.session_id)["locale"] == "auto"


def test_the_same_key_gives_the_same_page(gateway: Gateway, request_for: RequestFor) -> None:
    request = request_for()
    once = gateway.open_checkout(request, idempotency_key="k")
    assert gateway.open_checkout(request, idempotency_key="k") == once
    assert SandboxObject.objects.filter(kind="checkout.session").count() == 1


def test_refuses_the_same_key_for_another_payment(
    gateway: Gateway, request_for: RequestFor
) -> None:
    gateway.open_checkout(request_for(), idempotency_key="k")
    with pytest.raises(GatewayRefused):
        gateway.open_checkout(request_for(), idempotency_key="k")
    assert SandboxObject.objects.filter(kind="checkout.session").count() == 1


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"expires_at": datetime.now(UTC) + timedelta(minutes=5)}, "expires_at"),
        ({"expires_at": datetime.now(UTC) + timedelta(days=2)}, "expires_at"),
        ({"amount": Money(Decimal("0.49"), "EUR")}, ""),
        (
            {"application_fee": Money(Decimal("200"), "EUR")},
            "payment_intent_data[application_fee_amount]",
        ),
    ],
)
def test_refuses_what_stripe_refuses(
    gateway: Gateway, request_for: RequestFor, changes: dict[str, Any], param: str
) -> None:
    with pytest.raises(GatewayRefused) as refused:
        gateway.open_checkout(request_for(**changes), idempotency_key="k")
    assert (refused.value.param, refused.value.status) == (param, 400)
    assert refused.value.detail not in str(refused.value)
    assert not SandboxObject.objects.filter(kind="checkout.session").exists()


def test_refuses_an_account_that_is_not_there_or_not_complete(
    gateway: Gateway, request_for: RequestFor
) -> None:
    with pytest.raises(GatewayRefused) as refused:
        gateway.open_checkout(request_for(account="acct_demo0"), idempotency_key="k")
    assert (refused.value.status, refused.value.gateway_code) == (403, "account_invalid")
    status = gateway.create_account(
        firm_id=uuid4(), name="New", email="n@n.example", country="NL", idempotency_key="a"
    )
    with pytest.raises(GatewayRefused):
        gateway.open_checkout(request_for(account=status.account), idempotency_key="k")


def test_another_accounts_page_is_not_there(
    gateway: Gateway, checkout: Checkout, new_account: Callable[[], str]
) -> None:
    other = new_account()
    for ask in (gateway.fetch_payment, gateway.expire_checkout):
        with pytest.raises(GatewayRefused) as refused:
            ask(account=other, session_id=checkout.session_id)
        assert (refused.value.status, refused.value.gateway_code) == (404, "resource_missing")


def test_finds_a_payment_whose_answer_was_lost(
    gateway: Gateway, account: str, request_for: RequestFor
) -> None:
    request = request_for()
    before = datetime.now(UTC) - timedelta(minutes=1)
    for number in range(3):
        gateway.open_checkout(request_for(), idempotency_key=f"{number}")
    checkout = gateway.open_checkout(request, idempotency_key="k")
    found = gateway.find_payment(
        account=account, payment_id=request.payment_id, created_after=before
    )
    assert found is not None
    assert found.session_id == checkout.session_id
    assert gateway.find_payment(account=account, payment_id=uuid4(), created_after=before) is None
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert (
        gateway.find_payment(account=account, payment_id=request.payment_id, created_after=later)
        is None
    )


def test_closes_a_page(gateway: Gateway, account: str, checkout: Checkout) -> None:
    payment = gateway.expire_checkout(account=account, session_id=checkout.session_id)
    assert payment.state is RemoteState.EXPIRED
    again = gateway.expire_checkout(account=account, session_id=checkout.session_id)
    assert again.state is RemoteState.EXPIRED


def test_closing_a_page_that_was_paid_tells_that_it_was(
    gateway: Gateway, account: str, checkout: Checkout
) -> None:
    services.pay_with_card(checkout.session_id, "4242424242424242")
    payment = gateway.expire_checkout(account=account, session_id=checkout.session_id)
    assert payment.state is RemoteState.SUCCEEDED


def test_a_page_ends_by_the_clock(gateway: Gateway, account: str, checkout: Checkout) -> None:
    with time_machine.travel(checkout.expires_at + timedelta(seconds=1)):
        payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    assert payment.state is RemoteState.EXPIRED
    assert SandboxObject.objects.get(kind="event").data["type"] == "checkout.session.expired"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, GatewayUnavailable),
        (429, GatewayUnavailable),
        (401, GatewayUnavailable),
        (402, GatewayRefused),
    ],
)
def test_translates_other_answers(
    gateway: Gateway,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    error: type[Exception],
) -> None:
    body = '{"error": {"type": "api_error", "message": "no"}}'
    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda self, n: 0)
    monkeypatch.setattr(SandboxTransport, "request", lambda self, *args, **more: (body, status, {}))
    with pytest.raises(error):
        gateway.fetch_payment(account=account, session_id="cs_1")


def test_asks_again_when_the_line_is_down(
    gateway: Gateway, account: str, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    whole = SandboxTransport.request

    def flaky(self: SandboxTransport, method: str, url: str, *args: Any, **more: Any) -> Any:
        tries.append(url)
        if len(tries) < 3:
            raise stripe.APIConnectionError("down", should_retry=True)  # type: ignore[no-untyped-call]
        return whole(self, method, url, *args, **more)

    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda self, n: 0)
    monkeypatch.setattr(SandboxTransport, "request", flaky)
    assert (
        gateway.fetch_payment(account=account, session_id=checkout.session_id).state
        is RemoteState.OPEN
    )
    assert len(tries) == 3
    tries.clear()

    def dead(*args: Any, **more: Any) -> Any:
        raise stripe.APIConnectionError("down")  # type: ignore[no-untyped-call]

    monkeypatch.setattr(SandboxTransport, "request", dead)
    with pytest.raises(GatewayUnavailable):
        gateway.fetch_payment(account=account, session_id=checkout.session_id)


def test_what_the_sandbox_does_not_know_is_refused(account: str) -> None:
    client = stripe.StripeClient("sk_test_x", http_client=SandboxTransport())
    options: Any = {"stripe_account": account}
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized"):
        client.v1.customers.create({}, options)
    with pytest.raises(stripe.InvalidRequestError, match="name it"):
        client.v1.checkout.sessions.list({})
    with pytest.raises(stripe.InvalidRequestError, match="limit"):
        client.v1.checkout.sessions.list({"limit": 500}, options)
    with pytest.raises(stripe.InvalidRequestError, match="one-off"):
        client.v1.checkout.sessions.create({"mode": "setup"}, options)
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_live_x", http_client=SandboxTransport()).v1.events.list({}, options)
    with pytest.raises(stripe.InvalidRequestError, match="expanded"):
        client.v1.events.list({"expand": ["nonsense"]}, options)


_PRICE = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "1"}}


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"line_items": [{"quantity": 1, "price": "price_1"}]}, "line_items"),
        ({"line_items": [{"price_data": _PRICE}, {"price_data": _PRICE}]}, "line_items"),
        (
            {"line_items": [{"price_data": {"currency": "eur", "unit_amount": 500}}]},
            "line_items[0][price_data][product_data]",
        ),
        ({"line_items": [{"price_data": {**_PRICE, "unit_amount": 100_000_000}}]}, None),
        ({"success_url": ""}, "success_url"),
        (
            {"payment_intent_data": {"statement_descriptor": "SMITH"}},
            "payment_intent_data[statement_descriptor]",
        ),
        (
            {"payment_intent_data": {"statement_descriptor_suffix": "123"}},
            "payment_intent_data[statement_descriptor_suffix]",
        ),
    ],
)
def test_the_sandbox_refuses_as_stripe_does(account: str, changes: Any, param: str | None) -> None:
    client = stripe.StripeClient("sk_test_x", http_client=SandboxTransport())
    params: Any = {
        "mode": "payment",
        "success_url": "https://a",
        "line_items": [{"price_data": _PRICE}],
    }
    client.v1.checkout.sessions.create(params, {"stripe_account": account})
    params.update(changes)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(params, {"stripe_account": account})
    assert refused.value.param == param


def test_lists_pages_by_time(account: str) -> None:
    client = stripe.StripeClient("sk_test_x", http_client=SandboxTransport())
    params: Any = {
        "mode": "payment",
        "success_url": "https://a",
        "line_items": [{"price_data": _PRICE}],
    }
    options: Any = {"stripe_account": account}
    made = [client.v1.checkout.sessions.create(params, options) for _ in range(3)]
    newest = made[-1].created
    page = client.v1.checkout.sessions.list({"limit": 2}, options)
    assert [session.id for session in page.data] == [made[2].id, made[1].id]
    assert [session.id for session in page.auto_paging_iter()] == [one.id for one in reversed(made)]
    assert not client.v1.checkout.sessions.list({"created": newest + 5}, options).data
    assert not client.v1.checkout.sessions.list({"created": {"gt": newest}}, options).data
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        client.v1.checkout.sessions.list({"starting_after": "cs_demo_0"}, options)
