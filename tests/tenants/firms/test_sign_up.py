"""Asking for a portal: open to anybody, so bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser

from tenants.firms.models import SignUp
from tenants.firms.sign_up import SIGN_UPS_FROM_NETWORK, SIGN_UPS_TO_ADDRESS
from tenants.firms.tasks import clear_sign_ups
from tests.world import World

NOW = datetime.now(UTC) + timedelta(days=2)


def _ask(
    slug: str, email: str = "victim@example.test", *, ip: str = "192.0.2.1", firm: str = "Harbour"
) -> Any:
    body = {
        "firm_name": firm,
        "slug": slug,
        "country": "BE",
        "language": "en",
        "owner_name": "Vic",
        "owner_email": email,
    }
    browser = Browser(headers={"host": "portico.localhost"}, REMOTE_ADDR=ip)
    return browser.post("/sign-up/", body)


def test_a_mailbox_cannot_be_flooded_by_signing_up(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    most = SIGN_UPS_TO_ADDRESS.most
    with time_machine.travel(NOW, tick=False) as clock:
        with django_capture_on_commit_callbacks(execute=True):
            for turn in range(most):
                assert _ask(f"harbour-{turn}", ip=f"192.0.2.{turn}").status_code == 200
            refused = _ask("harbour-more", "Victim@Example.test", ip="192.0.2.99")
            assert refused.status_code == 422
            assert b"Please wait an hour" in refused.content
            assert _ask("harbour-other", "other@example.test").status_code == 200
        told = [sent.to[0] for sent in mail.outbox]
        assert told.count("victim@example.test") == most
        assert not SignUp.objects.filter(slug="harbour-more").exists()
        clock.shift(timedelta(minutes=61))
        assert _ask("harbour-later").status_code == 200


def test_one_network_asks_for_a_few_portals_an_hour(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answers = [
            _ask(f"harbour-{turn}", f"victim{turn}@example.test", ip=f"2001:db8:1:2::{turn + 1:x}")
            for turn in range(17)
        ]
    codes = [answer.status_code for answer in answers]
    most = SIGN_UPS_FROM_NETWORK.most
    assert codes == [200] * most + [422] * (17 - most)
    assert b"from your connection" in answers[-1].content
    assert len(mail.outbox) == most
    assert SignUp.objects.filter(slug__startswith="harbour").count() == most


@pytest.mark.parametrize("firm", ["Win at evil.example.com", "http://evil.test", "www.evil.test"])
def test_a_name_that_a_mail_client_would_link_is_refused(world: World, firm: str) -> None:
    answer = _ask("harbour", firm=firm)
    assert answer.status_code == 422
    assert b"A name cannot hold a web or e-mail address" in answer.content
    assert not SignUp.objects.filter(slug="harbour").exists()
    assert mail.outbox == []


def test_requests_that_nobody_confirmed_are_cleared(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        assert _ask("harbour").status_code == 200
        clear_sign_ups.apply()
        assert SignUp.objects.filter(slug="harbour").exists()
        clock.shift(timedelta(days=33))
        clear_sign_ups.apply()
        assert not SignUp.objects.filter(slug="harbour").exists()
