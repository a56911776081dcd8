"""Hashes that run at the same time are bounded, and a sign-in that cannot have one is told so."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.conf import settings as django_settings

from infra.audit.models import AuditEvent
from tenants.access import hashers
from tenants.access.hashers import BoundedArgon2Hasher, PasswordsBusy, Turns
from tests.tenants.access.surfaces import browser_at, by_api, by_page
from tests.world import PASSWORD, World

HASHER = "tenants.access.hashers.BoundedArgon2Hasher"


def test_no_more_than_the_bound_hash_at_once_and_no_more_than_some_wait() -> None:
    turns, inside = Turns(1, 1, most=3), [0]
    leave, entered = threading.Event(), threading.Event()
    refused: list[Exception] = []

    def work() -> None:
        try:
            with turns.turn():
                inside[0] += 1
                entered.set()
                leave.wait(10)
                inside[0] -= 1
        except PasswordsBusy as error:
            refused.append(error)

    first = threading.Thread(target=work)
    first.start()
    assert entered.wait(10)
    second = threading.Thread(target=work)
    second.start()
    while turns._inside.total() < 2:
        pass
    with pytest.raises(PasswordsBusy):
        with turns.turn():
            pass
    assert inside == [1]
    leave.set()
    first.join()
    second.join()
    assert refused == []
    with turns.turn():
        pass


def test_a_wait_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashers, "WAIT_SECONDS", 0.01)
    turns = Turns(1, 1, most=3)
    with turns.turn():
        for _turn in range(3):
            with pytest.raises(PasswordsBusy):
                with turns.turn():
                    pass


def test_a_firm_that_fills_its_places_keeps_no_other_firm_out(world: World) -> None:
    turns = Turns(1, 1, most=3)
    full, leave = threading.Event(), threading.Event()

    def flood() -> None:
        with world.alpha.inside(), turns.turn():
            full.set()
            leave.wait(10)

    threads = [threading.Thread(target=flood) for _turn in range(2)]
    for thread in threads:
        thread.start()
    assert full.wait(10)
    while turns._inside.total() < 2:
        pass
    with world.alpha.inside(), pytest.raises(PasswordsBusy), turns.turn():
        pass
    leave.set()
    with world.beta.inside(), turns.turn():
        pass
    for thread in threads:
        thread.join()


def test_passwords_are_hashed_by_it() -> None:
    from infra.config.settings import security

    assert security.PASSWORD_HASHERS == [HASHER]
    hasher = BoundedArgon2Hasher()
    encoded = hasher.encode("harbour", "some salt of sixteen")
    assert encoded.startswith("argon2$argon2id$")
    assert hasher.verify("harbour", encoded)


@pytest.mark.parametrize("email", ["ada@alpha.test", "eve@alpha.test"])
def test_a_sign_in_without_a_turn_is_told_to_come_back(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    with world.alpha.inside():
        ada = world.alpha.people["ada"]
        settings.PASSWORD_HASHERS = [HASHER, *django_settings.PASSWORD_HASHERS]
        ada.set_password(PASSWORD)
        ada.save()
    turns = Turns(1, 0, most=3)
    monkeypatch.setattr(BoundedArgon2Hasher, "turns", turns)
    with turns.turn():
        for _turn in range(10):
            answers = [
                by_page(browser_at(world.alpha), email),
                by_api(browser_at(world.alpha), email),
            ]
            for answer in answers:
                assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    with world.alpha.inside():
        assert not AuditEvent.objects.filter(action__startswith="sign_in.").exists()
    # Nothing was counted.
    expected = 200 if email.startswith("ada") else 422
    assert by_api(browser_at(world.alpha), email).status_code == expected
