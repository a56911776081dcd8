"""Asking for a portal: open to anybody, so bounded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import mail
from django.test import Client as Browser
from django.utils import timezone

from tenants.firms.models import SignUp
from tenants.firms.sign_up import SIGN_UPS_AN_HOUR
from tests.world import World


def _ask(slug: str, email: str = "victim@example.test") -> Any:
    body = {
        "firm_name": "Harbour",
        "slug": slug,
        "country": "BE",
        "language": "en",
        "owner_name": "Vic",
        "owner_email": email,
    }
    return Browser(headers={"host": "portico.localhost"}).post("/sign-up/", body)


def test_a_mailbox_cannot_be_flooded_by_signing_up(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for turn in range(SIGN_UPS_AN_HOUR):
            assert _ask(f"harbour-{turn}").status_code == 200
        refused = _ask("harbour-more", "Victim@Example.test")
        assert refused.status_code == 422
        assert b"Please wait an hour" in refused.content
        assert _ask("harbour-other", "other@example.test").status_code == 200
    told = [sent.to[0] for sent in mail.outbox]
    assert told.count("victim@example.test") == SIGN_UPS_AN_HOUR
    assert not SignUp.objects.filter(slug="harbour-more").exists()
    SignUp.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert _ask("harbour-later").status_code == 200
