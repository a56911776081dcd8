"""Paying at the sandbox as a person would, and its events through the real webhook."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.test import Client as Browser

from billing.gateway.sandbox.delivery import signed
from billing.gateway.sandbox.models import SandboxObject
from billing.payments.services.starting import PaymentStart, start_payment
from infra.tenancy.firm_context import in_public
from tests.world import FirmWorld

RETURN = "http://alpha.portico.localhost:8000/payments/{payment}/"


def begin(firm: FirmWorld, amount: Decimal | None = None, person: str = "ada") -> PaymentStart:
    """Start paying the person's issued invoice; call it inside the firm."""
    number = 1 if person == "ada" else 2
    return start_payment(
        invoices=[firm.invoice(number)],
        amount=amount,
        by=firm.people[person],
        return_url=RETURN,
    )


def events() -> list[str]:
    """Ids of all events the sandbox made, oldest first."""
    with in_public():
        return list(
            SandboxObject.objects.filter(kind="event")
            .order_by("created_at", "object_id")
            .values_list("object_id", flat=True)
        )


def post_event(event_id: str) -> Any:
    """Deliver one event to the real endpoint, signed as the gateway signs."""
    body, headers = signed(event_id)
    return Browser(headers={"host": "portico.localhost"}).post(
        "/hooks/sandbox/",
        data=body,
        content_type="application/json",
        headers={"stripe-signature": headers["Stripe-Signature"]},
    )
