"""A changed way to sign in ends the other sessions, turns this one's key, and is told by mail."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from infra.audit.models import AuditEvent
from infra.events.relay import deliver_due
from tests.second_factor import code_of, enrol, enrol_by_page, proven
from tests.tenants.access.surfaces import (
    BOTH,
    NEW_PASSWORD,
    SID,
    browser_at,
    by_page,
    is_in,
    pending_of,
    replay,
    reset_path,
    second_step,
)
from tests.world import PASSWORD, World

ADA = "ada@alpha.test"


def _change(browser: Browser, *, api: bool, old: str = PASSWORD, new: str = NEW_PASSWORD) -> Any:
    if api:
        body = {"old_password": old, "new_password": new}
        return browser.post("/api/v1/auth/password/change/", body, content_type="application/json")
    return browser.post("/profile/password/", {"old_password": old, "password": new})


def _told(world: World) -> list[str]:
    with world.alpha.inside():
        deliver_due()
    return [str(sent.subject) for sent in mail.outbox if sent.to == [ADA]]


@BOTH
def test_a_new_password_ends_the_others_and_turns_this_key(world: World, api: bool) -> None:
    here, there = world.alpha.browser("ada"), world.alpha.browser("ada")
    key = here.cookies[SID].value
    assert _change(here, api=api).status_code in (204, 302)
    assert (is_in(here), is_in(there)) == (True, False)
    assert here.cookies[SID].value != key
    assert not is_in(replay(world.alpha, key))
    assert _told(world) == ["Your password was changed"]
    body = str(mail.outbox[-1].body)
    assert "If it was not you" in body
    assert f"{world.alpha.portal}" in body


def test_setting_up_an_app_ends_the_others_and_is_told(world: World) -> None:
    here, there = world.alpha.browser("ada"), world.alpha.browser("ada")
    key = here.cookies[SID].value
    enrol_by_page(here)
    assert (is_in(here), is_in(there)) == (True, False)
    assert not is_in(replay(world.alpha, key))
    assert _told(world) == ["An authenticator app was set up"]
    with world.alpha.inside():
        assert AuditEvent.objects.get(action="factor.added").meta == {"sessions_ended": 1}


def test_removing_the_app_ends_the_others_and_is_told(world: World) -> None:
    with world.alpha.inside():
        secret, _codes = enrol(world.alpha.people["ada"])
        mail.outbox.clear()
    here, there = browser_at(world.alpha), browser_at(world.alpha)
    for step, browser in enumerate((here, there)):
        pending = pending_of(by_page(browser, ADA))
        with world.alpha.inside():
            world.alpha.people["ada"].authenticator_set.update(last_t=-1)
        assert second_step(browser, pending, code_of(secret), api=False).status_code == 302, step
    with world.alpha.inside():
        world.alpha.people["ada"].authenticator_set.update(last_t=-1)
    key = here.cookies[SID].value
    mail.outbox.clear()
    answer = here.post("/profile/factor/remove/", proven(code_of(secret)))
    assert answer.status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert not is_in(replay(world.alpha, key))
    assert _told(world)[-1] == "Your authenticator app was removed"


def test_a_wrong_code_removes_nothing_and_tells_nobody(world: World) -> None:
    here = world.alpha.browser("ada")
    enrol_by_page(here)
    _told(world)
    mail.outbox.clear()
    assert here.post("/profile/factor/remove/", proven("000000")).status_code == 422
    assert _told(world) == []
    with world.alpha.inside():
        assert world.alpha.people["ada"].authenticator_set.filter(confirmed=True).exists()


def test_a_reset_password_ends_every_session_and_is_told(world: World) -> None:
    there = world.alpha.browser("ada")
    answer = browser_at(world.alpha).post(reset_path(world), {"password": NEW_PASSWORD})
    assert answer.status_code == 200
    assert not is_in(there)
    assert _told(world) == ["Your password was changed"]


@BOTH
@pytest.mark.parametrize("person", ["ada", "owner"])
def test_guessing_the_present_password_locks_like_sign_in(
    world: World, api: bool, person: str
) -> None:
    browser = world.alpha.browser(person)
    wrong = [_change(browser, api=api, old=f"guess number {turn}") for turn in range(5)]
    assert {answer.status_code for answer in wrong[:4]} == {422}
    assert "Your present password is not right." in wrong[0].content.decode()
    right = _change(browser, api=api)
    assert right.status_code in (403, 422)
    assert "Too many attempts" in right.content.decode()
    # The lock is that of sign-in: the same person, from the same place.
    with world.alpha.inside():
        user = world.alpha.people[person]
        user.refresh_from_db()
        assert user.check_password(PASSWORD)
    surface = "portal" if person == "ada" else "console"
    elsewhere = browser_at(world.alpha, surface=surface, ip="127.0.0.1")
    assert "Too many attempts" in by_page(elsewhere, user.email).content.decode()
    assert _told(world) == []
