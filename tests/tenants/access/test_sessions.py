"""Sessions: bound, mortal, ended on the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from infra.tenancy.firm_context import in_firm
from tenants.access.models import Session
from tenants.access.session_store import SessionStore
from tenants.access.sign_in_policy import save_sign_in_policy
from tenants.people.models import User
from tests.second_factor import enrol_by_page
from tests.tenants.access.surfaces import (
    BOTH,
    NEW_PASSWORD,
    NOW,
    SID,
    browser_at,
    by_page,
    is_in,
    replay,
    reset_path,
)
from tests.world import PASSWORD, World


def test_signing_in_makes_a_new_key(world: World) -> None:
    planted = "a" * 32
    browser = replay(world.alpha, planted)
    by_page(browser, "ada@alpha.test")
    first = browser.cookies[SID].value
    assert first != planted
    assert not is_in(replay(world.alpha, planted))
    by_page(browser, "ada@alpha.test")
    assert browser.cookies[SID].value != first
    assert not is_in(replay(world.alpha, first))


def test_setting_up_a_factor_makes_a_new_key(world: World) -> None:
    browser = world.alpha.browser("ada")
    before = browser.cookies[SID].value
    enrol_by_page(browser)
    assert browser.cookies[SID].value != before
    assert not is_in(replay(world.alpha, before))


@pytest.mark.parametrize("path", ["/sign-out/", "/api/v1/auth/logout/"])
def test_signing_out_ends_the_session_on_the_server(world: World, path: str) -> None:
    browser = world.alpha.browser("ada")
    key = browser.cookies[SID].value
    assert is_in(replay(world.alpha, key))
    browser.post(path)
    assert not is_in(replay(world.alpha, key))
    assert replay(world.alpha, key).get("/api/v1/auth/user/").status_code == 401
    with world.alpha.inside():
        assert not Session.objects.filter(session_key=key).exists()


@BOTH
def test_a_new_password_ends_the_other_sessions(world: World, api: bool) -> None:
    here, there = world.alpha.browser("ada"), world.alpha.browser("ada")
    if api:
        body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
        answer = here.post("/api/v1/auth/password/change/", body, content_type="application/json")
        assert answer.status_code == 204
    else:
        body = {"old_password": PASSWORD, "password": NEW_PASSWORD}
        assert here.post("/profile/password/", body).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)


@BOTH
def test_a_new_password_needs_the_present_one(world: World, api: bool) -> None:
    here, there = world.alpha.browser("ada"), world.alpha.browser("ada")
    if api:
        body = {"old_password": "wrong", "new_password": NEW_PASSWORD}
        answer = here.post("/api/v1/auth/password/change/", body, content_type="application/json")
    else:
        answer = here.post(
            "/profile/password/", {"old_password": "wrong", "password": NEW_PASSWORD}
        )
    assert answer.status_code == 422
    assert is_in(there)
    assert by_page(browser_at(world.alpha), "ada@alpha.test").status_code == 302


def test_a_reset_password_ends_every_session(world: World) -> None:
    browser = world.alpha.browser("ada")
    browser_at(world.alpha).post(reset_path(world), {"password": NEW_PASSWORD})
    assert not is_in(browser)


@pytest.mark.parametrize("change", [{"is_active": False}, {"kind": "operator"}])
def test_a_change_of_the_person_counts_at_once(world: World, change: dict[str, Any]) -> None:
    browser = world.alpha.browser("ada")
    with world.alpha.inside():
        User.objects.filter(email="ada@alpha.test").update(**change)
    assert not is_in(browser)
    assert browser.get("/api/v1/invoices/").status_code in (401, 403)


def test_a_change_of_role_counts_at_once(world: World) -> None:
    browser = world.alpha.browser("partner")
    assert browser.get("/settings/").status_code == 200
    with world.alpha.inside():
        User.objects.filter(email="partner@alpha.test").update(role="assistant")
    assert browser.get("/settings/").status_code == 403


def test_a_session_row_in_another_firms_table_is_worthless(world: World) -> None:
    """Even a copied row, with the hash that fits there, says which firm it was made for."""
    browser = world.alpha.browser("ada")
    key = browser.cookies[SID].value
    with world.alpha.inside():
        row = Session.objects.get(session_key=key)
        data = SessionStore().decode(row.session_data)
    with world.beta.inside():
        ada = world.beta.people["ada"]
        data |= {"_auth_user_id": str(ada.pk), "_auth_user_hash": ada.get_session_auth_hash()}
        store = SessionStore()
        Session.objects.create(
            session_key=key,
            session_data=store.encode(data),
            user=ada,
            surface="portal",
            expire_date=row.expire_date,
            public_id=uuid4(),
        )
    assert not is_in(replay(world.beta, key))
    with world.beta.inside():
        data["firm"] = str(world.beta.ref.id)
        Session.objects.filter(session_key=key).delete()
        Session.objects.create(
            session_key=key,
            session_data=store.encode(data),
            user=ada,
            surface="portal",
            expire_date=row.expire_date,
            public_id=uuid4(),
        )
    assert is_in(replay(world.beta, key))


@pytest.mark.parametrize(("who", "surface"), [("owner", "portal"), ("ada", "console")])
def test_a_session_of_the_other_surface_is_nobody(world: World, who: str, surface: str) -> None:
    """Not even a person who is then refused: the sign-in page does not know them."""
    key = world.alpha.browser(who).cookies[SID].value
    page = replay(world.alpha, key, surface=surface).get("/sign-in/")
    assert page.status_code == 200
    assert world.alpha.people[who].name not in page.content.decode()


def test_a_new_key_version_of_the_firm_ends_its_sessions(world: World) -> None:
    from dataclasses import replace

    with world.alpha.inside():
        before = world.alpha.people["ada"].get_session_auth_hash()
    with in_firm(replace(world.alpha.ref, key_version=2)):
        assert world.alpha.people["ada"].get_session_auth_hash() != before


def test_idle_sessions_end(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = world.alpha.browser("ada")
        for _turn in range(4):
            clock.shift(timedelta(minutes=29))
            assert is_in(browser)
        clock.shift(timedelta(minutes=31))
        assert not is_in(browser)


def test_requests_that_come_by_themselves_keep_nothing_awake(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = world.alpha.browser("ada")
        for _turn in range(3):
            clock.shift(timedelta(minutes=9))
            answer = browser.get("/profile/", headers={"x-portico-background": "1"})
            assert answer.status_code == 200
        clock.shift(timedelta(minutes=4))
        assert not is_in(browser)


def test_every_session_ends_after_twelve_hours(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = world.alpha.browser("ada")
        for _turn in range(28):
            clock.shift(timedelta(minutes=25))
            assert is_in(browser)
        clock.shift(timedelta(minutes=25))
        assert not is_in(browser)


def test_a_firm_may_be_stricter(world: World) -> None:
    with world.alpha.inside():
        save_sign_in_policy(
            changes={"idle_minutes": 5, "absolute_hours": 1}, by=world.alpha.people["owner"]
        )
    with time_machine.travel(NOW, tick=False) as clock:
        browser = world.alpha.browser("ada")
        clock.shift(timedelta(minutes=6))
        assert not is_in(browser)
        browser = world.alpha.browser("ada")
        for _turn in range(14):
            clock.shift(timedelta(minutes=4))
            assert is_in(browser)
        clock.shift(timedelta(minutes=5))
        assert not is_in(browser)


def test_people_end_their_own_devices_only(world: World) -> None:
    here, there = world.alpha.browser("ada"), world.alpha.browser("ada")
    bob = world.alpha.browser("bob")
    with world.alpha.inside():
        ids = {
            name: Session.objects.get(session_key=browser.cookies[SID].value).public_id
            for name, browser in (("there", there), ("bob", bob))
        }
    here.post(f"/profile/sessions/{ids['bob']}/end/")
    assert is_in(bob)
    here.post(f"/profile/sessions/{ids['there']}/end/")
    assert (is_in(here), is_in(there)) == (True, False)
    again = world.alpha.browser("ada")
    here.post("/profile/sessions/end-others/")
    assert (is_in(here), is_in(again), is_in(bob)) == (True, False, True)


def test_pages_never_show_a_session_key(world: World) -> None:
    browser = world.alpha.browser("ada")
    assert browser.cookies[SID].value not in browser.get("/profile/").content.decode()
