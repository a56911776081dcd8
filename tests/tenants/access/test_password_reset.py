"""Reset links and what a new password must be."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from infra.audit.models import AuditEvent
from infra.events.models import StoredEvent
from infra.events.relay import deliver_due
from tests.tenants.access.surfaces import NEW_PASSWORD, NOW, browser_at, by_page, reset_path
from tests.world import World


def test_a_reset_link_works_once(world: World) -> None:
    browser, path = browser_at(world.alpha), reset_path(world)
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"password": NEW_PASSWORD}).status_code == 200
    for answer in (browser.get(path), browser.post(path, {"password": "yet another long secret"})):
        assert answer.status_code == 410
    assert by_page(browser, "ada@alpha.test", NEW_PASSWORD).status_code == 302


def test_a_reset_link_dies_after_an_hour(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        path = reset_path(world)
        clock.shift(timedelta(minutes=61))
        assert browser_at(world.alpha).get(path).status_code == 410


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "passwordpassword",
        "ada@alpha.test alpha",
        "a" * 300,
        "a" * 20,
        "ab" * 10,
        "123456789012345",
        "abcdefghijklmnop",
        "Qwertyuiop12345!",
        "Password Password 1",
        "Kanzlei-Alpha-2026",
        "canary-alpha-7q portal",
    ],
)
def test_a_weak_new_password_is_refused(world: World, password: str) -> None:
    browser, path = browser_at(world.alpha), reset_path(world)
    assert browser.post(path, {"password": password}).status_code == 422
    assert by_page(browser, "ada@alpha.test").status_code == 302


def test_resets_for_strangers_leave_nothing(world: World) -> None:
    with world.alpha.inside():
        before = StoredEvent.objects.count(), AuditEvent.objects.count()
    for turn in range(8):
        answer = browser_at(world.alpha).post(
            "/password/forgotten/", {"email": f"eve{turn}@alpha.test"}
        )
        assert answer.status_code == 200
    with world.alpha.inside():
        assert (StoredEvent.objects.count(), AuditEvent.objects.count()) == before


def test_one_network_asks_for_a_few_resets_an_hour(world: World) -> None:
    codes = []
    for turn in range(12):
        browser = browser_at(world.alpha, ip=f"2001:db8:1:2::{turn + 1:x}")
        email = "ada@alpha.test" if turn == 11 else f"eve{turn}@alpha.test"
        answer = browser.post("/password/forgotten/", {"email": email})
        codes.append(answer.status_code)
    assert codes == [200] * 10 + [422] * 2
    assert b"from your connection" in answer.content
    with world.alpha.inside():
        deliver_due()
    assert mail.outbox == []


def test_one_mailbox_gets_a_few_reset_links_an_hour(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for turn in range(20):
            answer = browser_at(world.alpha, ip=f"198.51.100.{turn}").post(
                "/password/forgotten/", {"email": "ada@alpha.test"}
            )
            assert answer.status_code == 200
            clock.shift(timedelta(seconds=150))
        with world.alpha.inside():
            deliver_due()
    assert len(mail.outbox) == 5
