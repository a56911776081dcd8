"""Connecting online payment: from the console to the provider's questions and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import transaction
from django.test import Client as Browser

from billing.gateway.models import GatewayAccount, SandboxRequest
from billing.gateway.sandbox import accounts as sandbox_accounts
from infra.audit.models import AuditEvent
from infra.tenancy.firm_context import in_public
from tests.webapp.console.pages import words
from tests.world import World
from webapp.platform import urls as platform_urls

pytestmark = pytest.mark.django_db


def _connected(world: World) -> GatewayAccount:
    with in_public():
        return GatewayAccount.objects.get(firm_id=world.alpha.ref.id)


def _to_onboarding(world: World) -> tuple[Browser, Browser, str]:
    """The console, the platform's host, and the path of the page where the account is completed."""
    with in_public():
        GatewayAccount.objects.filter(firm_id=world.alpha.ref.id).delete()
        # Else the sandbox would remember that it made an account for this firm.
        SandboxRequest.objects.all().delete()
    owner = world.alpha.browser("owner")
    assert "Connect online payment" in words(owner.get("/settings/payments/"))
    policy = owner.get("/settings/payments/")["Content-Security-Policy"]
    answer = owner.post("/settings/payments/", {"do": "go"})
    place = urlsplit(answer["Location"])
    assert f"{place.scheme}://{place.netloc}" in policy
    account = _connected(world)
    assert place.path == f"/sandbox/onboarding/{account.account_id}/"
    return owner, Browser(headers={"host": "portico.localhost"}), place.path


def _back(owner: Browser, answer: Any) -> str:
    """Where the page leads back to, as its reader sees it."""
    assert answer.status_code == 302
    place = urlsplit(answer["Location"])
    assert place.path == "/settings/payments/"
    return words(owner.get(f"{place.path}?{place.query}"))


def test_connects_online_payment_and_completes_the_account(world: World) -> None:
    owner, platform, path = _to_onboarding(world)
    page = platform.get(path)
    assert "stand-in for Stripe" in words(page)
    assert "A bank account to pay out to" in words(page)
    assert world.alpha.console in page["Content-Security-Policy"]
    seen = _back(owner, platform.post(path, {"do": "complete"}))
    assert "Clients can pay you online" in seen
    assert "What is still asked of you" not in seen
    account = _connected(world)
    assert (account.status, account.requirements) == (GatewayAccount.Status.ACTIVE, [])
    with world.alpha.inside():
        event = AuditEvent.objects.get(action="payments.account_changed")
    assert event.meta["to"] == "active"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "the provider wants to know"),
        ("fr", "le prestataire veut savoir"),
        ("nl", "wil de betaaldienst weten"),
        ("de", "möchte der Zahlungsdienst wissen"),
        ("xx", "the provider wants to know"),
    ],
)
def test_the_onboarding_page_speaks_the_browsers_language(
    world: World, language: str, said: str
) -> None:
    _owner, platform, path = _to_onboarding(world)
    page = platform.get(path, headers={"accept-language": language})
    assert said in words(page)


def test_an_account_left_incomplete_says_what_is_missing(world: World) -> None:
    owner, platform, path = _to_onboarding(world)
    seen = _back(owner, platform.post(path, {"do": "leave"}))
    assert "Online payment is nearly ready" in seen
    assert "What is still asked of you" in seen
    account = _connected(world)
    assert account.status == GatewayAccount.Status.PENDING
    assert len(account.requirements) == 2
    # The second try completes it.
    again = urlsplit(owner.post("/settings/payments/", {"do": "go"})["Location"]).path
    assert "Clients can pay you online" in _back(owner, platform.post(again, {"do": "complete"}))


def test_the_onboarding_page_works_once_and_for_five_minutes(world: World) -> None:
    owner, platform, path = _to_onboarding(world)
    assert platform.post(path, {"do": "leave"}).status_code == 302
    again = platform.post(path, {"do": "complete"})
    assert again.status_code == 409
    assert "This page is no longer open" in words(again)
    assert _connected(world).status == GatewayAccount.Status.PENDING
    owner.post("/settings/payments/", {"do": "go"})
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        assert "This page is no longer open" in words(platform.get(path))
        assert platform.post(path, {"do": "complete"}).status_code == 409
    owner.post("/settings/payments/", {"do": "look"})
    assert _connected(world).status == GatewayAccount.Status.PENDING


@pytest.mark.parametrize("account", ["acct_demo0", "x"])
def test_an_account_without_a_link_has_no_page(world: World, account: str) -> None:
    platform = Browser(headers={"host": "portico.localhost"})
    for answer in (
        platform.get(f"/sandbox/onboarding/{account}/"),
        platform.post(f"/sandbox/onboarding/{account}/", {"do": "complete"}),
    ):
        assert answer.status_code == 404


def test_the_link_is_no_part_of_what_the_gateway_shows(world: World) -> None:
    _owner, _platform, _path = _to_onboarding(world)
    with in_public(), transaction.atomic():
        shown = sandbox_accounts.retrieve(_connected(world).account_id, {"include": []})
    assert not any(name.startswith("_") for name in shown)


def test_with_real_money_there_is_no_such_page() -> None:
    """The sandbox's pages are served where settings choose the sandbox, which production refuses."""
    names = {entry.name for entry in platform_urls.urlpatterns}
    sandbox = {entry.name for entry in platform_urls.sandbox}
    assert sandbox == {"sandbox-checkout", "sandbox-onboarding"}
    assert not names & sandbox
