"""Guessing passwords and codes: from many addresses, from one network, at many accounts."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import time_machine
from django.core import mail
from django.db import connection

from infra.audit.models import AuditEvent
from infra.events.relay import deliver_due
from tenants.access.backend import KindBackend
from tenants.access.models import Session
from tenants.people.models import User
from tests.second_factor import code_of, enrol
from tests.tenants.access.surfaces import (
    DOORS,
    NEW_PASSWORD,
    NOW,
    browser_at,
    by_api,
    by_page,
    is_in,
    reset_path,
)
from tests.world import PASSWORD, World

ADA = "ada@alpha.test"


def _guess_from_everywhere(world: World, email: str, door: Any = by_api, times: int = 100) -> Any:
    """Wrong passwords, four from each of many addresses."""
    for turn in range(times):
        answer = door(browser_at(world.alpha, ip=f"198.51.100.{turn // 4}"), email, "wrong")
    return answer


def _unlock_path() -> str:
    found = [re.search(r"/sign-in/unlock/[^/\s]+/", str(sent.body)) for sent in mail.outbox]
    (path,) = [match[0] for match in found if match]
    return path


@DOORS
def test_many_addresses_do_not_get_more_guesses_at_one_account(world: World, door: Any) -> None:
    _guess_from_everywhere(world, ADA, door)
    answer = door(browser_at(world.alpha), ADA)
    assert answer.status_code in (403, 422)
    assert b"Too many attempts at this account" in answer.content
    with world.alpha.inside():
        assert AuditEvent.objects.filter(action="sign_in.failed").count() == 50
        assert AuditEvent.objects.filter(action="sign_in.locked").count() == 1
    # Nobody else is shut out.
    assert door(browser_at(world.alpha), "bob@alpha.test").status_code in (200, 302)
    assert door(browser_at(world.beta), "ada@beta.test").status_code in (200, 302)


def test_the_owner_of_a_locked_account_gets_in_by_a_mailed_link(world: World) -> None:
    _guess_from_everywhere(world, ADA)
    with world.alpha.inside():
        deliver_due()
    assert [sent.to for sent in mail.outbox] == [[ADA]]
    browser, path = browser_at(world.alpha), _unlock_path()
    # A mail scanner that looks at the page changes nothing.
    page = browser.get(path)
    assert (page.status_code, ADA in page.content.decode()) == (200, True)
    assert by_page(browser, ADA).status_code == 422
    assert browser.post(path).status_code == 302
    assert by_page(browser, ADA).status_code == 302
    assert is_in(browser)


def test_an_unlock_link_is_good_for_a_day_at_its_own_firm_until_the_password_changes(
    world: World,
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        _guess_from_everywhere(world, ADA)
        with world.alpha.inside():
            deliver_due()
        path = _unlock_path()
        assert browser_at(world.beta).post(path).status_code == 410
        clock.shift(timedelta(hours=25))
        assert browser_at(world.alpha).post(path).status_code == 410
        # The lock is over by then as well.
        assert by_page(browser_at(world.alpha), ADA).status_code == 302
        clock.shift(timedelta(hours=-25))
        with world.alpha.inside():
            ada = User.objects.get(email=ADA)
            ada.set_password(NEW_PASSWORD)
            ada.save()
        assert browser_at(world.alpha).get(path).status_code == 410


def test_a_new_password_by_mail_unlocks_the_account_too(world: World) -> None:
    _guess_from_everywhere(world, ADA)
    browser = browser_at(world.alpha)
    browser.post(reset_path(world), {"password": NEW_PASSWORD})
    assert by_page(browser, ADA, NEW_PASSWORD).status_code == 302


def test_a_locked_account_is_answered_like_an_address_without_one(world: World) -> None:
    known = _guess_from_everywhere(world, ADA)
    unknown = _guess_from_everywhere(world, "eve@alpha.test")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    with world.alpha.inside():
        deliver_due()
    assert [sent.to for sent in mail.outbox] == [[ADA]]


@DOORS
def test_an_ipv6_network_is_one_place(world: World, door: Any) -> None:
    for turn in range(40):
        door(browser_at(world.alpha, ip=f"2001:db8:5:6:{turn + 1:x}::1"), ADA, "wrong")
    answer = door(browser_at(world.alpha, ip="2001:db8:5:6:ffff::1"), ADA)
    assert b"Too many attempts" in answer.content
    with world.alpha.inside():
        assert AuditEvent.objects.filter(action="sign_in.failed").count() == 5
    assert door(browser_at(world.alpha, ip="2001:db8:5:7::1"), ADA).status_code in (200, 302)


@DOORS
def test_one_address_cannot_try_many_accounts(world: World, door: Any) -> None:
    browser = browser_at(world.alpha)
    for turn in range(30):
        answer = door(browser, f"person{turn}@alpha.test", "wrong")
    assert b"Too many attempts from your connection" in answer.content
    assert b"Too many attempts from your connection" in door(browser, ADA).content
    with world.alpha.inside():
        assert AuditEvent.objects.filter(action="sign_in.failed").count() == 20
    assert door(browser_at(world.alpha, ip="192.0.2.2"), ADA).status_code in (200, 302)


def test_an_own_account_does_not_buy_more_guesses_at_others(world: World) -> None:
    browser = browser_at(world.alpha)
    for turn in range(24):
        by_api(browser, f"person{turn}@alpha.test", "wrong")
        by_api(browser_at(world.alpha), "bob@alpha.test")
    assert b"from your connection" in by_api(browser, ADA).content


def test_what_is_refused_does_not_use_up_anybody_elses_guesses(world: World) -> None:
    for _turn in range(100):
        by_api(browser_at(world.alpha, ip="198.51.100.7"), ADA, "wrong")
    assert by_page(browser_at(world.alpha), ADA).status_code == 302


def test_nothing_is_hashed_for_a_locked_account(world: World, monkeypatch: Any) -> None:
    browser = browser_at(world.alpha)
    for _turn in range(5):
        by_page(browser, ADA, "wrong")
    asked: list[str] = []
    monkeypatch.setattr(KindBackend, "authenticate", lambda *_a, **more: asked.append("asked"))
    by_page(browser, ADA)
    assert asked == []


def test_wrong_codes_count_like_wrong_passwords(world: World) -> None:
    with world.alpha.inside():
        secret, _codes = enrol(world.alpha.people["ada"])
    with time_machine.travel(NOW, tick=False) as clock:
        for turn in range(50):
            ip = f"198.51.100.{turn // 4}"
            answer = by_api(browser_at(world.alpha, ip=ip), ADA, code="abcdef-wrong")
            assert answer.status_code in (403, 422)
        answer = by_api(browser_at(world.alpha), ADA, code=code_of(secret))
        assert (answer.status_code, answer.json()["code"]) == (403, "too_many_attempts")
        clock.shift(timedelta(hours=25))
        answer = by_api(browser_at(world.alpha), ADA, code=code_of(secret))
        assert answer.status_code == 200


def test_passwords_asked_again_count_like_those_at_sign_in(world: World) -> None:
    _guess_from_everywhere(world, ADA, times=49)
    browser = browser_at(world.alpha)
    assert by_page(browser, ADA).status_code == 302
    changed = {"old_password": "wrong", "password": NEW_PASSWORD}
    assert browser.post("/profile/password/", changed).status_code == 422
    answer = browser.post("/profile/password/", {**changed, "old_password": PASSWORD})
    assert b"Too many attempts at this account" in answer.content
    with world.alpha.inside():
        assert User.objects.get(email=ADA).check_password(PASSWORD)


def test_the_operators_host_counts_as_well(world: World) -> None:
    email = next(user.email for user in world.ops.people.values())
    for turn in range(52):
        browser = browser_at(world.ops, ip=f"198.51.100.{turn // 4}", surface="console")
        answer = by_page(browser, email, "wrong")
    assert b"Too many attempts at this account" in answer.content
    with world.ops.inside():
        deliver_due()
        assert not Session.objects.filter(user__isnull=False).exists()
    assert [sent.to for sent in mail.outbox] == [[email]]
    assert f"//{world.ops.console}" in str(mail.outbox[0].body)


def test_the_throttled_second_step_says_for_how_long(world: World) -> None:
    with world.alpha.inside():
        secret, _codes = enrol(world.alpha.people["ada"])
    with time_machine.travel(NOW, tick=False):
        for expected in (422, 403):
            answer = by_api(browser_at(world.alpha), ADA, code="000000")
            assert answer.status_code == expected
        assert answer.json()["message"].endswith("Please wait 1 second and try the next code.")
        assert answer["Retry-After"] == "1"
        # It was not looked at, so it is still good afterwards.
        assert by_api(browser_at(world.alpha), ADA, code=code_of(secret)).status_code == 403
    with world.alpha.inside():
        assert AuditEvent.objects.filter(action="sign_in.wrong_code").count() == 1


def test_the_pause_after_wrong_codes_has_an_end(world: World) -> None:
    with world.alpha.inside():
        ada = world.alpha.people["ada"]
        enrol(ada)
        device = ada.authenticator_set.get()
        for _turn in range(40):
            device.throttle_increment()
        _allowed, reason = device.verify_is_allowed()
        wait = reason["locked_until"] - device.throttling_failure_timestamp
    assert wait < timedelta(minutes=20)


def test_guesses_at_the_same_moment_are_counted_one_by_one(committed_world: World) -> None:
    statuses: list[int] = []
    start = threading.Barrier(12)

    def guess() -> None:
        start.wait()
        statuses.append(by_api(browser_at(committed_world.alpha), ADA, "wrong").status_code)
        connection.close()

    threads = [threading.Thread(target=guess) for _turn in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 12
    with committed_world.alpha.inside():
        assert AuditEvent.objects.filter(action="sign_in.failed").count() == 5
