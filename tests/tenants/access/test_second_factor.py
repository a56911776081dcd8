"""The second factor is asked by page and API alike, and each code counts once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from infra.audit.models import AuditEvent
from tenants.access.factor_enrolment import begin_enrolment, confirm_enrolment
from tenants.access.factors import has_factor
from tenants.access.models import Session
from tenants.access.sign_in_policy import save_sign_in_policy
from tenants.people.models import User
from tests.second_factor import code_of, enrol, enrol_by_page, proven, secret_of
from tests.tenants.access.surfaces import (
    BOTH,
    NEW_PASSWORD,
    NOW,
    SID,
    browser_at,
    by_api,
    by_page,
    is_in,
    pending_of,
    reset_path,
    second_step,
)
from tests.world import PASSWORD, World


@pytest.fixture
def careful(world: World) -> tuple[bytes, list[str]]:
    """Ada with an authenticator: its key and her recovery codes."""
    with world.alpha.inside():
        return enrol(world.alpha.people["ada"])


@BOTH
def test_the_password_alone_opens_nothing(world: World, careful: Any, api: bool) -> None:
    browser = browser_at(world.alpha)
    first = (by_api if api else by_page)(browser, "ada@alpha.test")
    assert first.status_code == (403 if api else 200)
    assert not is_in(browser)
    assert browser.get("/api/v1/invoices/").status_code == 401
    with world.alpha.inside():
        assert not Session.objects.filter(user__email="ada@alpha.test").exists()
    second = second_step(browser, pending_of(first), code_of(careful[0]), api=api)
    assert second.status_code == (200 if api else 302)
    assert is_in(browser)
    with world.alpha.inside():
        assert Session.objects.get(user__email="ada@alpha.test").second_factor_at is not None


def test_the_api_takes_both_at_once(world: World, careful: Any) -> None:
    browser = browser_at(world.alpha)
    assert by_api(browser, "ada@alpha.test", code=code_of(careful[0])).status_code == 200
    assert is_in(browser)


@BOTH
def test_a_code_cannot_be_used_twice(world: World, careful: Any, api: bool) -> None:
    with time_machine.travel(NOW, tick=False):
        code = code_of(careful[0])
        for expected in (True, False):
            browser = browser_at(world.alpha)
            first = (by_api if api else by_page)(browser, "ada@alpha.test")
            second_step(browser, pending_of(first), code, api=api)
            assert is_in(browser) is expected


@BOTH
def test_wrong_codes_slow_down_even_the_right_one(world: World, careful: Any, api: bool) -> None:
    browser = browser_at(world.alpha)
    with time_machine.travel(NOW, tick=False) as clock:
        pending = pending_of((by_api if api else by_page)(browser, "ada@alpha.test"))
        assert second_step(browser, pending, "000000", api=api).status_code == 422
        for _turn in range(2):
            answer = second_step(browser, pending, "000000", api=api)
            assert answer.status_code == (403 if api else 422)
            assert b"Please wait 1 second" in answer.content
        second_step(browser, pending, code_of(careful[0]), api=api)
        assert not is_in(browser)
        clock.shift(timedelta(seconds=30))
        second_step(browser, pending, code_of(careful[0]), api=api)
        assert is_in(browser)


def test_guessing_codes_in_a_row_does_not_work(world: World, careful: Any) -> None:
    """Every guess counts, however many sessions or pending values the guesser opens."""
    with time_machine.travel(NOW, tick=False) as clock:
        for _turn in range(12):
            browser = browser_at(world.alpha)
            by_api(browser, "ada@alpha.test", code="000000")
            clock.shift(timedelta(seconds=1))
        answer = by_api(browser_at(world.alpha), "ada@alpha.test", code=code_of(careful[0]))
        assert (answer.status_code, answer.json()["code"]) == (403, "too_many_codes")
        assert int(answer["Retry-After"]) > 0


@BOTH
def test_a_recovery_code_works_once(world: World, careful: Any, api: bool) -> None:
    for expected in (True, False):
        browser = browser_at(world.alpha)
        pending = pending_of((by_api if api else by_page)(browser, "ada@alpha.test"))
        second_step(browser, pending, careful[1][0].upper(), api=api)
        assert is_in(browser) is expected
    with world.alpha.inside():
        assert AuditEvent.objects.filter(action="factor.recovery_code_used").count() == 1


def test_recovery_codes_are_stored_as_hashes(world: World, careful: Any) -> None:
    with world.alpha.inside():
        ada = world.alpha.people["ada"]
        stored = set(ada.recovery_codes.values_list("code_hash", flat=True))
        secrets = [device.secret for device in ada.authenticator_set.all()]
    assert len(stored) == 10
    assert stored.isdisjoint(careful[1])
    assert all(careful[0].hex() not in secret for secret in secrets)


@BOTH
def test_the_first_step_does_not_wait_for_ever(world: World, careful: Any, api: bool) -> None:
    browser = browser_at(world.alpha)
    with time_machine.travel(NOW, tick=False) as clock:
        pending = pending_of((by_api if api else by_page)(browser, "ada@alpha.test"))
        clock.shift(timedelta(minutes=6))
        answer = second_step(browser, pending, code_of(careful[0]), api=api)
    assert answer.status_code == (404 if api else 302)
    assert not is_in(browser)


@pytest.mark.parametrize("pending", ["", "x", "a:b:c", "é" * 20, "\x00"])
@BOTH
def test_a_forged_first_step_is_refused(
    world: World, careful: Any, api: bool, pending: str
) -> None:
    browser = browser_at(world.alpha)
    answer = second_step(browser, pending, code_of(careful[0]), api=api)
    assert answer.status_code in (302, 404, 422)
    assert not is_in(browser)


@BOTH
def test_the_second_step_belongs_to_the_surface_of_the_first(
    world: World, careful: Any, api: bool
) -> None:
    pending = pending_of(by_page(browser_at(world.alpha), "ada@alpha.test"))
    browser = browser_at(world.alpha, surface="console")
    assert second_step(browser, pending, code_of(careful[0]), api=api).status_code == 422
    with world.alpha.inside():
        assert not Session.objects.filter(surface="console").exists()


def test_a_password_changed_meanwhile_ends_the_first_step(world: World, careful: Any) -> None:
    browser = browser_at(world.alpha)
    pending = pending_of(by_page(browser, "ada@alpha.test"))
    with world.alpha.inside():
        ada = User.objects.get(email="ada@alpha.test")
        ada.set_password(NEW_PASSWORD)
        ada.save()
    second_step(browser, pending, code_of(careful[0]), api=False)
    assert not is_in(browser)


@pytest.mark.parametrize("role", ["owner", "ada"])
def test_a_demanded_factor_comes_before_everything(world: World, role: str) -> None:
    with world.alpha.inside():
        save_sign_in_policy(
            changes={"staff_factor": "required", "client_factor": "required"},
            by=world.alpha.people["partner"],
        )
    browser = world.alpha.browser(role)
    for path in ("/", "/invoices/", "/profile/", "/profile/password/"):
        assert browser.get(path)["Location"].partition("?")[0] == "/profile/factor/"
    api = browser.get("/api/v1/invoices/")
    assert (api.status_code, api.json()["code"]) == (403, "second_factor_enrolment_required")
    enrol_by_page(browser)
    assert browser.get("/profile/").status_code == 200
    assert browser.get("/api/v1/invoices/").status_code == 200


def test_a_reset_password_does_not_skip_the_second_factor(world: World, careful: Any) -> None:
    browser = browser_at(world.alpha)
    assert browser.post(reset_path(world), {"password": NEW_PASSWORD}).status_code == 200
    assert not is_in(browser)
    first = by_page(browser, "ada@alpha.test", NEW_PASSWORD)
    assert (first.status_code, is_in(browser)) == (200, False)
    assert pending_of(first)


def test_an_invitation_to_a_known_account_does_not_skip_the_second_factor(
    world: World, careful: Any
) -> None:
    from tenants.access.invitations import invite_contact
    from tenants.people.clients import create_contact
    from tests.tenants.access.test_invitations import token_of

    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        contact = create_contact(
            client=world.alpha.client(2), name="Ada", email="ada@alpha.test", by=owner
        )
        token = token_of(invite_contact(contact=contact, by=owner))
    browser = browser_at(world.alpha)
    answer = browser.post(f"/invitation/{token}/", {"name": "Ada", "password": PASSWORD})
    assert answer.status_code == 302
    assert not is_in(browser)


@pytest.mark.parametrize("path", ["/profile/factor/", "/profile/factor/remove/"])
@pytest.mark.parametrize("given", [{}, {"old_password": "wrong"}])
def test_an_open_browser_is_not_enough_to_change_the_second_step(
    world: World, path: str, given: dict[str, str]
) -> None:
    ada = world.alpha.browser("ada")
    removes = path.endswith("remove/")
    with world.alpha.inside():
        user = world.alpha.people["ada"]
        secret = secret_of(begin_enrolment(user=user))
        if removes:
            confirm_enrolment(
                user=user,
                password=PASSWORD,
                code=code_of(secret, steps=-1),
                keep_session=ada.cookies[SID].value,
            )
    answer = ada.post(path, {"code": code_of(secret), **given})
    assert answer.status_code == 422
    with world.alpha.inside():
        assert has_factor(user) is removes
        assert not AuditEvent.objects.filter(action="factor.removed").exists()
    # The code was not used up by it.
    assert ada.post(path, proven(code_of(secret))).status_code == (302 if removes else 200)


def test_guessing_the_password_there_counts_like_at_sign_in(world: World) -> None:
    ada = world.alpha.browser("ada")
    with world.alpha.inside():
        secret = secret_of(begin_enrolment(user=world.alpha.people["ada"]))
    for _turn in range(5):
        answer = ada.post("/profile/factor/", proven(code_of(secret), "wrong"))
    answer = ada.post("/profile/factor/", proven(code_of(secret)))
    assert answer.status_code == 422
    assert b"Too many attempts" in answer.content
    with world.alpha.inside():
        assert not has_factor(world.alpha.people["ada"])


def test_a_key_shown_before_the_password_changed_is_never_used(world: World) -> None:
    """Whoever was in with the old password may have seen it."""
    ada = world.alpha.browser("ada")
    shown = ada.get("/profile/factor/").context["secret"]
    assert ada.get("/profile/factor/").context["secret"] == shown
    changed = ada.post("/profile/password/", {"old_password": PASSWORD, "password": NEW_PASSWORD})
    assert changed.status_code == 302
    assert ada.get("/profile/factor/").context["secret"] != shown
