"""Each firm has its own provider; a running payment stays with the one it was started at."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from billing.gateway.accounts import PaymentsNotConnected, account_of, connect_account
from billing.gateway.interface import EventKind
from billing.gateway.models import GatewayAccount, GatewayEvent
from billing.gateway.sandbox.delivery import signed
from billing.gateway.sandbox.models import SandboxObject
from billing.gateway.sandbox.services import pay_with_card
from billing.payments.dispatch import process_event
from billing.payments.models import Payment
from billing.payments.services.reconciling import check_payment
from infra.audit.models import AuditEvent
from infra.tenancy.firm_context import in_public
from tests.billing.paying import begin, events
from tests.world import FirmWorld, World

CARD = "4242424242424242"


@pytest.fixture
def alpha(world: World, no_delivery: None) -> FirmWorld:
    return world.alpha


@pytest.fixture
def stripe_too(settings: Any) -> None:
    """The deployment offers Stripe beside the sandbox."""
    settings.STRIPE_SECRET_KEY = "sk_test_x"
    settings.STRIPE_CONNECT_WEBHOOK_SECRET = settings.SANDBOX_WEBHOOK_SECRET


def _move_to_stripe(firm: FirmWorld) -> None:
    with in_public():
        GatewayAccount.objects.filter(firm_id=firm.ref.id).update(
            status=GatewayAccount.Status.DISCONNECTED
        )
        GatewayAccount.objects.create(
            firm_id=firm.ref.id,
            gateway="stripe",
            account_id="acct_real",
            livemode=False,
            status=GatewayAccount.Status.ACTIVE,
        )


def _post(path: str, event_id: str) -> Any:
    body, headers = signed(event_id)
    return Browser(headers={"host": "portico.localhost"}).post(
        path,
        data=body,
        content_type="application/json",
        headers={"stripe-signature": headers["Stripe-Signature"]},
    )


def test_the_firms_account_decides_and_not_the_default(
    alpha: FirmWorld, world: World, stripe_too: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _move_to_stripe(alpha)
    # Nothing goes out: only where the payment would go is looked at.
    monkeypatch.setattr("billing.payments.services.starting.open_session", lambda payment: payment)
    with alpha.inside():
        started = begin(alpha).payment
        assert (started.gateway, started.account) == ("stripe", "acct_real")
    with world.beta.inside():
        assert begin(world.beta).payment.gateway == "sandbox"


def test_a_running_payment_ends_where_it_was_started(alpha: FirmWorld, stripe_too: None) -> None:
    with alpha.inside():
        running = begin(alpha).payment
    _move_to_stripe(alpha)
    with alpha.inside():
        # Pressing again goes on with it.
        assert begin(alpha).payment.pk == running.pk
    pay_with_card(running.session_id, CARD)
    with alpha.inside():
        check_payment(payment=running)
        assert alpha.invoice().status == "paid"
        assert Payment.objects.get().gateway == "sandbox"


def test_an_account_at_a_provider_that_is_not_offered_does_not_count(
    alpha: FirmWorld, stripe_too: None, settings: Any
) -> None:
    _move_to_stripe(alpha)
    settings.STRIPE_SECRET_KEY = ""
    assert account_of(alpha.ref.id) is None
    with alpha.inside():
        with pytest.raises(PaymentsNotConnected):
            begin(alpha)
        assert not Payment.objects.exists()
    again = connect_account(firm_id=alpha.ref.id, name="A", email="a@a.example", country="BE")
    assert (again.gateway, again.status) == ("sandbox", GatewayAccount.Status.ACTIVE)
    with in_public():
        states = dict(
            GatewayAccount.objects.filter(firm_id=alpha.ref.id).values_list("gateway", "status")
        )
    assert states == {"sandbox": "active", "stripe": "disconnected"}


def test_a_firm_has_one_account_at_a_time(alpha: FirmWorld) -> None:
    with in_public(), pytest.raises(IntegrityError), transaction.atomic():
        GatewayAccount.objects.create(
            firm_id=alpha.ref.id, gateway="stripe", account_id="acct_second", livemode=False
        )


def test_a_notification_is_kept_under_the_provider_of_its_address(
    alpha: FirmWorld, stripe_too: None
) -> None:
    """The same account and event ids at another provider are another account's."""
    with alpha.inside():
        payment = begin(alpha).payment
    pay_with_card(payment.session_id, CARD)
    event_id = events()[-1]
    assert _post("/hooks/stripe/", event_id).status_code == 200
    with in_public():
        stored = GatewayEvent.objects.get()
        assert stored.gateway == "stripe"
    process_event(stored.pk)
    with in_public():
        stored.refresh_from_db()
        assert (stored.state, stored.error) == ("ignored", "no firm has this account")
    with alpha.inside():
        assert alpha.invoice().status == "open"


@pytest.mark.parametrize("provider", ["stripe", "mollie", "connect", "SANDBOX"])
def test_a_provider_that_is_not_offered_has_no_address(alpha: FirmWorld, provider: str) -> None:
    with alpha.inside():
        pay_with_card(begin(alpha).payment.session_id, CARD)
    assert _post(f"/hooks/{provider}/", events()[0]).status_code == 404
    assert _post("/hooks/stripe/connect/", events()[0]).status_code == 404
    with in_public():
        assert not GatewayEvent.objects.exists()


def test_a_change_of_the_account_is_looked_up_and_audited(alpha: FirmWorld) -> None:
    with in_public():
        account = GatewayAccount.objects.get(firm_id=alpha.ref.id)
        event = GatewayEvent.objects.create(
            gateway="sandbox",
            account=account.account_id,
            event_id=f"evt_{uuid4().hex}",
            kind=EventKind.ACCOUNT_CHANGED,
            type="account.updated",
            object_id=account.account_id,
            livemode=False,
            payload={},
        )
        kept = SandboxObject.objects.get(object_id=account.account_id)
        capabilities = kept.data["configuration"]["merchant"]["capabilities"]
        capabilities["card_payments"]["status"] = "restricted"
        kept.save()
    process_event(event.pk)
    with in_public():
        account.refresh_from_db()
        event.refresh_from_db()
    assert event.state == "processed"
    assert account.status == GatewayAccount.Status.PENDING
    assert account.methods["card"] == "inactive"
    with alpha.inside():
        changed = AuditEvent.objects.get(action="payments.account_changed")
        assert (changed.meta["from"], changed.meta["to"]) == ("active", "pending")


def test_a_change_of_a_disconnected_account_does_not_bring_it_back(alpha: FirmWorld) -> None:
    with in_public():
        GatewayAccount.objects.filter(firm_id=alpha.ref.id).update(
            status=GatewayAccount.Status.DISCONNECTED
        )
        account = GatewayAccount.objects.get(firm_id=alpha.ref.id)
        event = GatewayEvent.objects.create(
            gateway="sandbox",
            account=account.account_id,
            event_id="evt_late",
            kind=EventKind.ACCOUNT_CHANGED,
            type="account.updated",
            object_id=account.account_id,
            livemode=False,
            payload={},
        )
    process_event(event.pk)
    with in_public():
        account.refresh_from_db()
        event.refresh_from_db()
    assert event.state == "ignored"
    assert account.status == GatewayAccount.Status.DISCONNECTED
