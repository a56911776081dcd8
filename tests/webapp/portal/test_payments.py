"""Paying from the portal: start, return, list, receipt. No page changes a payment's state."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from pypdf import PdfReader

from billing.gateway.interface import GatewayUnavailable
from billing.invoices.models import BillingSettings
from billing.payments.models import Payment
from tenants.access.models import Session
from tenants.people.models import Contact
from tests.world import FirmWorld, World
from webapp.portal.payments import views as payments

PARTIAL = {"hx-request": "true"}
GATEWAY = "http://portico.localhost/sandbox/pay/cs_1/"
States = Payment.State


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the service was asked; it answers with the gateway's page."""
    calls: list[dict[str, Any]] = []

    def start(**asked: Any) -> SimpleNamespace:
        calls.append(asked)
        return SimpleNamespace(payment=None, redirect_url=GATEWAY)

    monkeypatch.setattr(payments, "start_payment", start)
    return calls


def _invoice(world: World, number: int = 1) -> str:
    with world.alpha.inside():
        return f"/invoices/{world.alpha.invoice(number).pk}/pay/"


def test_pays_everything(world: World, started: list[dict[str, Any]]) -> None:
    answer = world.alpha.browser("ada").post(_invoice(world), {"amount": "1"})
    assert answer.status_code == 302
    assert answer["Location"] == GATEWAY
    assert started[0]["amount"] is None, "only the other form gives an amount"
    assert started[0]["return_url"].endswith("/payments/{payment}/")
    assert world.alpha.portal in started[0]["return_url"]


@pytest.mark.parametrize("text", ["150,00", "150.00", "€150"])
def test_pays_another_amount(world: World, started: list[dict[str, Any]], text: str) -> None:
    answer = world.alpha.browser("ada").post(
        _invoice(world), {"part": "1", "amount": text}, headers=PARTIAL
    )
    assert answer["HX-Redirect"] == GATEWAY
    assert started[0]["amount"] == Decimal(150)


@pytest.mark.parametrize("text", ["", "abc", "-5", "1e3", "1,2,3"])
def test_refuses_what_is_no_amount(world: World, started: list[dict[str, Any]], text: str) -> None:
    answer = world.alpha.browser("ada").post(_invoice(world), {"part": "1", "amount": text})
    assert answer.status_code == 422
    assert "Please give an amount" in answer.content.decode()
    assert started == []


@pytest.mark.parametrize(
    ("text", "why"), [("600", "at most €544.50"), ("1", "at least €10.00"), ("0", "give an amount")]
)
def test_says_the_services_refusal_at_the_field(world: World, text: str, why: str) -> None:
    ada = world.alpha.browser("ada")
    for headers in ({}, PARTIAL):
        answer = ada.post(_invoice(world), {"part": "1", "amount": text}, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert why in page
        assert 'aria-invalid="true"' in page
        assert ("<html" in page) is not bool(headers)
    with world.alpha.inside():
        assert not Payment.objects.exists()


def test_refuses_a_part_where_only_the_whole_is_taken(world: World) -> None:
    with world.alpha.inside():
        BillingSettings.objects.update_or_create(pk=1, defaults={"partial_payments": False})
        invoice = world.alpha.invoice()
    ada = world.alpha.browser("ada")
    assert "Pay another amount" not in ada.get(f"/invoices/{invoice.pk}/").content.decode()
    assert ada.post(_invoice(world), {"part": "1", "amount": "150"}).status_code == 422


def test_says_that_the_provider_does_not_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(**_asked: Any) -> None:
        raise GatewayUnavailable

    monkeypatch.setattr(payments, "start_payment", start)
    answer = world.alpha.browser("ada").post(_invoice(world), headers=PARTIAL)
    assert answer.status_code == 422
    assert "Nothing was charged" in answer.content.decode()


def test_refuses_to_pay_what_is_not_theirs(world: World, started: list[dict[str, Any]]) -> None:
    ada = world.alpha.browser("ada")
    assert ada.post(_invoice(world, 2)).status_code == 404
    with world.beta.inside():
        foreign = world.beta.invoice()
    assert ada.post(f"/invoices/{foreign.pk}/pay/").status_code == 404
    nobody = world.alpha.browser(surface="portal")
    assert nobody.post(_invoice(world)).status_code == 302
    assert started == []


def test_refuses_who_may_not_pay(world: World) -> None:
    with world.alpha.inside():
        Contact.objects.update(may_pay=False)
    assert world.alpha.browser("ada").post(_invoice(world)).status_code == 403
    with world.alpha.inside():
        assert not Payment.objects.exists()


def test_looking_at_the_pay_address_leads_to_the_invoice(world: World) -> None:
    answer = world.alpha.browser("ada").get(_invoice(world))
    assert answer.status_code == 302
    assert answer["Location"].endswith("/#pay")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (States.CREATING, "We are confirming your payment"),
        (States.OPEN, "We are confirming your payment"),
        (States.PROCESSING, "Your payment is on its way"),
        (States.SUCCEEDED, "Paid. Thank you."),
        (States.FAILED, "There was not enough money"),
        (States.EXPIRED, "was open for too long"),
        (States.CANCELED, "The payment was cancelled"),
    ],
)
@pytest.mark.parametrize("left", ["", "?left=1"])
def test_says_how_it_stands_and_changes_nothing(
    world: World, payment_in: Callable[..., Payment], state: str, words: str, left: str
) -> None:
    payment = payment_in(world.alpha, state, failure_code="insufficient_funds")
    ada = world.alpha.browser("ada")
    for headers in ({}, PARTIAL):
        answer = ada.get(f"/payments/{payment.pk}/{left}", headers=headers)
        text = answer.content.decode()
        assert answer.status_code == 200
        if left and state in (States.CREATING, States.OPEN):
            assert "You have not paid yet" in text
        else:
            assert words in text
        polls = state in Payment.LIVE_STATES and "You have not paid yet" not in text
        assert ("X-Portico-Background" in text) is polls
    with world.alpha.inside():
        now = Payment.objects.get(pk=payment.pk)
        assert (now.state, now.checked_at) == (payment.state, payment.checked_at)
        assert world.alpha.invoice().paid_total == 0


def test_stops_asking_after_a_while(world: World, payment_in: Callable[..., Payment]) -> None:
    payment = payment_in(world.alpha, States.OPEN)
    ada = world.alpha.browser("ada")
    first = ada.get(f"/payments/{payment.pk}/").content.decode()
    last = ada.get(f"/payments/{payment.pk}/?look={payments.LOOKS}").content.decode()
    assert f"/payments/{payment.pk}/?look=1" in first
    assert "hx-get" not in last
    assert "Check again" in last


def test_asking_by_itself_keeps_no_session_awake(
    world: World, payment_in: Callable[..., Payment]
) -> None:
    payment = payment_in(world.alpha, States.OPEN)
    ada = world.alpha.browser("ada")
    with world.alpha.inside():
        long_ago = timezone.now() - timedelta(minutes=20)
        Session.objects.update(last_seen_at=long_ago)
    ada.get(f"/payments/{payment.pk}/", headers={**PARTIAL, "x-portico-background": "1"})
    with world.alpha.inside():
        assert Session.objects.get().last_seen_at == long_ago


def test_refuses_payments_of_others(world: World, payment_in: Callable[..., Payment]) -> None:
    others = payment_in(world.alpha, States.SUCCEEDED, number=2)
    foreign = payment_in(world.beta, States.SUCCEEDED)
    ada = world.alpha.browser("ada")
    for payment in (others, foreign):
        assert ada.get(f"/payments/{payment.pk}/").status_code == 404
        assert ada.get(f"/payments/{payment.pk}/receipt/").status_code == 404
    nobody = world.alpha.browser(surface="portal")
    for path in ("/payments/", f"/payments/{others.pk}/", f"/payments/{others.pk}/receipt/"):
        assert nobody.get(path).status_code == 302
    assert str(others.pk) not in ada.get("/payments/").content.decode()


def test_lists_what_came_and_what_is_coming(
    world: World, payment_in: Callable[..., Payment]
) -> None:
    ada = world.alpha.browser("ada")
    assert "No payments yet" in ada.get("/payments/").content.decode()
    found = {
        state: payment_in(world.alpha, state) for state in ("succeeded", "processing", "expired")
    }
    text = ada.get("/payments/", headers=PARTIAL).content.decode()
    assert "<html" not in text
    assert str(found["succeeded"].pk) in text
    assert str(found["processing"].pk) in text
    assert str(found["expired"].pk) not in text
    assert "Card ending in 4242" in text


def test_gives_the_receipt(world: World, payment_in: Callable[..., Payment]) -> None:
    payment = payment_in(world.alpha, States.SUCCEEDED)
    answer = world.alpha.browser("ada").get(f"/payments/{payment.pk}/receipt/")
    assert answer["Content-Disposition"] == 'attachment; filename="alpha-2026-0001.pdf"'
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Receipt 2026-0001" in text
    assert "€100.00" in text


def test_gives_no_receipt_before_the_money_came(
    world: World, payment_in: Callable[..., Payment]
) -> None:
    payment = payment_in(world.alpha, States.PROCESSING)
    assert world.alpha.browser("ada").get(f"/payments/{payment.pk}/receipt/").status_code == 404


def test_a_refused_payment_shows_the_invoice_and_that_is_a_reading(
    world: World, trail: Callable[[FirmWorld], list[str]]
) -> None:
    ada = world.alpha.browser("ada")
    part = {"part": "1", "amount": "nothing"}
    answer = ada.post(_invoice(world), part)
    assert (answer.status_code, trail(world.alpha).count("invoice.viewed")) == (422, 1)
    # The part that htmx swaps only asks for an amount.
    answer = ada.post(_invoice(world), part, headers={"hx-request": "true"})
    assert (answer.status_code, trail(world.alpha).count("invoice.viewed")) == (422, 1)
