"""A notification that is validly signed and still no event: refused, nothing is kept."""

import json
import time
from typing import Any

import pytest
import stripe
from django.test import Client as Browser

from billing.gateway.interface import ForgedEvent, Gateway
from billing.gateway.models import GatewayEvent

pytestmark = pytest.mark.django_db

EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "account": "acct_1",
    "livemode": False,
    "created": 1_780_000_000,
    "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {}}},
}


def _subject(**changes: Any) -> dict[str, Any]:
    return {**EVENT, "data": {"object": {**EVENT["data"]["object"], **changes}}}


def _nested(depth: int) -> bytes:
    return (
        json.dumps(_subject(metadata="deep")).replace('"deep"', "[" * depth + "]" * depth).encode()
    )


HOSTILE: dict[str, bytes] = {
    **{
        f"{place} {value!r:.30}": json.dumps({**EVENT, place: value}).encode()
        for place in ("id", "type", "account", "livemode", "created", "data")
        for value in (7, True, [1], {"a": 1}, "a\x00", "\ud800", "x" * 400, 10**30, 1e400)
        if (place, value) not in (("livemode", True), ("created", 7))
    },
    **{f"no {place}": json.dumps({**EVENT, place: None}).encode() for place in ("id", "data")},
    "NUL in a name": json.dumps(_subject(**{"a\x00": 1})).encode(),
    "NUL deep inside": json.dumps(_subject(metadata={"note": ["a\x00"]})).encode(),
    "a lone surrogate": json.dumps(_subject(metadata={"note": "\udfff"})).encode(),
    "an object's long id": json.dumps(_subject(id="x" * 101)).encode(),
    "an object's id as a number": json.dumps(_subject(id=7)).encode(),
    "metadata as a list": json.dumps(_subject(metadata=[1])).encode(),
    "Infinity": json.dumps(_subject(amount=float("inf"))).encode(),
    "a number of 6,000 digits": json.dumps(_subject(a=0))
    .replace('"a": 0', '"a": ' + "9" * 6_000)
    .encode(),
    "nested 500 deep": _nested(500),
    "nested 5,000 deep": _nested(5_000),
    "nested 100,000 deep": _nested(100_000),
    "a list": b"[1]",
    "a text": b'"a"',
    "null": b"null",
    "bytes": b"\xff\xfe",
    "nothing": b"",
}


def _signed(body: bytes, secret: str) -> str:
    now = int(time.time())
    # The SDK signs text; these bytes need not be any.
    payload = f"{now}.{body.decode('latin-1')}"
    if body.isascii():
        return f"t={now},v1={stripe.WebhookSignature._compute_signature(payload, secret)}"
    return f"t={now},v1=00"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_signed_body_that_is_no_event_answers_400_and_is_not_kept(
    gateway: Gateway, name: str
) -> None:
    body = HOSTILE[name]
    headers = {
        "host": "portico.localhost",
        "stripe-signature": _signed(body, "whsec_of_the_tests"),
    }
    answer = Browser().post(
        "/hooks/sandbox/", body, content_type="application/json", headers=headers
    )
    assert answer.status_code == 400
    assert not GatewayEvent.objects.exists()


def test_the_event_itself_is_one(gateway: Gateway) -> None:
    body = json.dumps(EVENT).encode()
    incoming = gateway.parse_event(body, {"Stripe-Signature": _signed(body, "whsec_of_the_tests")})
    assert (incoming.event_id, incoming.account, incoming.session_id) == ("evt_1", "acct_1", "cs_1")


@pytest.mark.parametrize(
    "signature", ["", "t=", "t=x,v1=y", "t=1,v1=é", "," * 1000, "t=" + "9" * 5000]
)
def test_a_strange_signature_is_a_forgery(gateway: Gateway, signature: str) -> None:
    with pytest.raises(ForgedEvent):
        gateway.parse_event(json.dumps(EVENT).encode(), {"stripe-signature": signature})
