"""The one way in: lock-out, what an answer tells, where one lands; page and API alike."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import get_hasher
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branding.identity.services import save_identity
from infra.audit.models import AuditEvent
from infra.events.models import StoredEvent
from infra.events.relay import deliver_due
from tenants.access.password_reset import request_password_reset
from tenants.access.sign_in_policy import save_sign_in_policy
from tenants.people.models import User
from tests.second_factor import code_of, enrol
from tests.tenants.access.surfaces import (
    BOTH,
    DOORS,
    NEW_PASSWORD,
    NOW,
    browser_at,
    by_api,
    by_page,
    is_in,
    pending_of,
    reset_path,
    second_step,
)
from tests.world import PASSWORD, World


@DOORS
def test_five_failures_lock_the_address_at_this_place(world: World, door: Any) -> None:
    browser = browser_at(world.alpha)
    for _turn in range(5):
        assert door(browser, "ada@alpha.test", "wrong").status_code in (403, 422)
    answer = door(browser, "ada@alpha.test")
    assert answer.status_code in (403, 422)
    assert b"Too many attempts" in answer.content
    assert not is_in(browser)


@DOORS
def test_the_lock_shuts_out_nobody_else(world: World, door: Any) -> None:
    attacker = browser_at(world.alpha, ip="198.51.100.7")
    for _turn in range(6):
        door(attacker, "ada@alpha.test", "wrong")
    assert door(browser_at(world.alpha), "ada@alpha.test").status_code in (200, 302)
    assert door(attacker, "bob@alpha.test").status_code in (200, 302)
    ada = browser_at(world.beta, ip="198.51.100.7")
    assert door(ada, "ada@beta.test").status_code in (200, 302)


def test_page_and_api_count_together(world: World) -> None:
    browser = browser_at(world.alpha)
    for door in (by_page, by_api, by_page, by_api, by_page):
        door(browser, "ada@alpha.test", "wrong")
    assert by_api(browser, "ada@alpha.test").status_code == 403


def test_spelling_the_address_differently_does_not_help(world: World) -> None:
    browser = browser_at(world.alpha)
    for email in (
        "ada@alpha.test",
        "ADA@alpha.test",
        " ada@alpha.test",
        "Ada@Alpha.Test",
        "ada@ALPHA.test",
    ):
        by_page(browser, email, "wrong")
    assert b"Too many attempts" in by_page(browser, "ada@alpha.test").content


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "client-ip", "forwarded"])
def test_a_header_does_not_change_the_place(world: World, header: str) -> None:
    browser = browser_at(world.alpha)
    for turn in range(6):
        browser.post(
            "/sign-in/",
            {"email": "ada@alpha.test", "password": "wrong"},
            headers={header: f"203.0.113.{turn}"},
        )
    assert b"Too many attempts" in by_page(browser, "ada@alpha.test").content


def test_the_lock_ends_after_a_quarter_of_an_hour(world: World) -> None:
    browser = browser_at(world.alpha)
    with time_machine.travel(NOW, tick=False) as clock:
        for _turn in range(5):
            by_page(browser, "ada@alpha.test", "wrong")
        clock.shift(timedelta(minutes=14))
        assert by_page(browser, "ada@alpha.test").status_code == 422
        clock.shift(timedelta(minutes=16))
        assert by_page(browser, "ada@alpha.test").status_code == 302


def test_a_success_forgets_the_failures(world: World) -> None:
    browser = browser_at(world.alpha)
    for _round in range(3):
        for _turn in range(4):
            by_page(browser, "ada@alpha.test", "wrong")
        assert by_page(browser, "ada@alpha.test").status_code == 302


def test_a_new_password_by_mail_lifts_the_lock(world: World) -> None:
    browser = browser_at(world.alpha)
    for _turn in range(5):
        by_page(browser, "ada@alpha.test", "wrong")
    browser.post(reset_path(world), {"password": NEW_PASSWORD})
    assert by_page(browser, "ada@alpha.test", NEW_PASSWORD).status_code == 302


@DOORS
def test_a_failure_does_not_tell_whether_the_account_exists(world: World, door: Any) -> None:
    known = door(browser_at(world.alpha), "ada@alpha.test", "wrong")
    unknown = door(browser_at(world.alpha), "eve@alpha.test", "wrong")
    foreign = door(browser_at(world.alpha), "ada@beta.test", "wrong")
    assert known.status_code == unknown.status_code == foreign.status_code == 422
    plain = {
        answer.content.replace(email.encode(), b"")
        for answer, email in (
            (known, "ada@alpha.test"),
            (unknown, "eve@alpha.test"),
            (foreign, "ada@beta.test"),
        )
    }
    if door is by_api:
        assert len(plain) == 1


@DOORS
def test_a_lock_does_not_tell_whether_the_account_exists(world: World, door: Any) -> None:
    browser = browser_at(world.alpha)
    for email in ("ada@alpha.test", "eve@alpha.test"):
        answers = [door(browser, email, "wrong") for _turn in range(6)]
        assert b"Too many attempts" in answers[-1].content, email


@DOORS
def test_staff_are_unknown_on_the_portal_and_clients_on_the_console(
    world: World, door: Any
) -> None:
    for surface, email in (("portal", "owner@alpha.test"), ("console", "ada@alpha.test")):
        right = door(browser_at(world.alpha, surface=surface), email)
        wrong = door(browser_at(world.alpha, surface=surface), email, "wrong")
        assert right.status_code == wrong.status_code == 422
        assert b"is not right" in right.content


@pytest.mark.parametrize("surface", ["portal", "console"])
def test_forgotten_passwords_are_answered_alike(world: World, surface: str) -> None:
    known = {"portal": "ada@alpha.test", "console": "owner@alpha.test"}[surface]
    browser = browser_at(world.alpha, surface=surface)
    bodies = set()
    for email in (known, "eve@alpha.test"):
        page = browser.post("/password/forgotten/", {"email": email})
        api = browser.post(
            "/api/v1/auth/password/reset/", {"email": email}, content_type="application/json"
        )
        assert (page.status_code, api.status_code, api.content) == (200, 202, b"")
        bodies.add(page.content.replace(email.encode(), b""))
    assert len(bodies) == 1


def test_a_mailbox_cannot_be_flooded_with_reset_links(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    browser = browser_at(world.alpha)
    with world.alpha.inside(), django_capture_on_commit_callbacks(execute=True):
        for _turn in range(5):
            browser.post("/password/forgotten/", {"email": "ada@alpha.test"})
    assert len(mail.outbox) == 1


def test_someone_switched_off_is_told_nothing_either(world: World) -> None:
    with world.alpha.inside():
        User.objects.filter(email="ada@alpha.test").update(is_active=False)
    answer = by_api(browser_at(world.alpha), "ada@alpha.test")
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_credentials")


@DOORS
def test_a_closed_portal_lets_no_client_in(world: World, door: Any) -> None:
    with world.alpha.inside():
        save_sign_in_policy(changes={"portal_on": False}, by=world.alpha.people["owner"])
    answer = door(browser_at(world.alpha), "ada@alpha.test")
    assert answer.status_code in (403, 422)
    assert b"closed for the moment" in answer.content
    assert world.alpha.browser("owner").get("/").status_code == 200
    assert world.beta.browser("ada").get("/profile/").status_code == 200


def test_a_closed_portal_says_so_before_it_asks_for_anything(world: World) -> None:
    with world.alpha.inside():
        owner = world.alpha.people["owner"]
        save_identity(changes={"phone": "+32 2 555 01 01", "email": "hello@alpha.test"}, by=owner)
        save_sign_in_policy(changes={"portal_on": False}, by=owner)
    page = browser_at(world.alpha).get("/sign-in/?next=/invoices/")
    text = page.content.decode()
    assert "This portal is closed for the moment" in text
    assert 'href="tel:+3225550101"' in text
    assert 'href="mailto:hello@alpha.test"' in text
    assert 'name="password"' not in text
    # Whoever had the page open learns it too, and no guess is counted.
    answer = by_page(browser_at(world.alpha), "ada@alpha.test", "wrong")
    assert (answer.status_code, b"closed for the moment" in answer.content) == (403, True)
    with world.alpha.inside():
        assert not AuditEvent.objects.filter(action="sign_in.failed").exists()
    staff = browser_at(world.alpha, surface="console").get("/sign-in/").content.decode()
    assert 'name="password"' in staff
    assert "closed for the moment" not in staff
    with world.alpha.inside():
        save_sign_in_policy(changes={"portal_on": True}, by=owner)
    assert b'name="password"' in browser_at(world.alpha).get("/sign-in/").content


@BOTH
def test_a_portal_that_closes_between_the_two_steps_is_closed(world: World, api: bool) -> None:
    with world.alpha.inside():
        secret, _codes = enrol(world.alpha.people["ada"])
    browser = browser_at(world.alpha)
    pending = pending_of((by_api if api else by_page)(browser, "ada@alpha.test"))
    with world.alpha.inside():
        save_sign_in_policy(changes={"portal_on": False}, by=world.alpha.people["owner"])
    answer = second_step(browser, pending, code_of(secret), api=api)
    if api:
        assert (answer.status_code, answer.json()["code"]) == (403, "portal_closed")
    else:
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert not is_in(browser)


def test_sessions_rest_while_the_portal_is_closed(world: World) -> None:
    ada = world.alpha.browser("ada")
    assert ada.get("/profile/").status_code == 200
    with world.alpha.inside():
        save_sign_in_policy(changes={"portal_on": False}, by=world.alpha.people["owner"])
    assert ada.get("/profile/").status_code == 302
    assert ada.get("/api/v1/invoices/").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "evil.example",
        "//evil.example\\@alpha.portico.localhost",
        "https://alpha.portico.localhost@evil.example/",
        "/%2f%2fevil.example\r\nX: y",
        "@evil.example",
    ],
)
def test_next_leads_nowhere_else(world: World, target: str) -> None:
    browser = browser_at(world.alpha)
    answers = [
        by_page(browser, "ada@alpha.test", next=target),
        browser.get("/sign-in/", {"next": target}),
        browser.post("/profile/theme/", {"theme": "dark", "next": target}),
    ]
    for answer in answers:
        assert answer.status_code == 302
        where = answer["Location"]
        assert where == "/" or (where.startswith("/%2f%2f") and "\n" not in where), where


def test_next_leads_on_within_the_portal(world: World) -> None:
    answer = by_page(browser_at(world.alpha), "ada@alpha.test", next="/invoices/?status=open")
    assert answer["Location"] == "/invoices/?status=open"


def test_the_way_back_is_remembered(world: World) -> None:
    browser = browser_at(world.alpha)
    assert (
        browser.get("/invoices/?page=2")["Location"] == "/sign-in/?next=%2Finvoices%2F%3Fpage%3D2"
    )
    assert browser.post("/profile/theme/")["Location"] == "/sign-in/"


def test_every_step_leaves_a_trace(world: World) -> None:
    browser = browser_at(world.alpha)
    by_page(browser, "ada@alpha.test", "wrong")
    by_page(browser, "ada@alpha.test")
    with world.alpha.inside():
        last = list(AuditEvent.objects.order_by("-at", "-id").values_list("action", flat=True)[:2])
    assert last == ["sign_in.succeeded", "sign_in.failed"]


@DOORS
@pytest.mark.parametrize(
    ("surface", "email"), [("portal", "owner@alpha.test"), ("console", "ada@alpha.test")]
)
def test_the_right_password_at_the_wrong_door_is_a_wrong_one(
    world: World, door: Any, surface: str, email: str
) -> None:
    def run(password: str, ip: str) -> list[tuple[int, bytes]]:
        browser = browser_at(world.alpha, ip=ip, surface=surface)
        answers = [door(browser, email, password) for _turn in range(6)]
        assert not is_in(browser)
        return [
            (answer.status_code, re.sub(rb'(name="csrf[^>]+|[0-9a-f-]{36})', b"", answer.content))
            for answer in answers
        ]

    right, wrong = run(PASSWORD, "192.0.2.31"), run("wrong", "192.0.2.32")
    assert right == wrong
    assert b"Too many attempts" in right[-1][1]
    with world.alpha.inside():
        failed = AuditEvent.objects.filter(action="sign_in.failed").count()
        assert failed == 10
        assert not AuditEvent.objects.filter(action="sign_in.succeeded").exists()


@DOORS
def test_the_wrong_door_costs_as_many_hashes(world: World, door: Any, monkeypatch: Any) -> None:
    """The clock tells nothing: one hash for a stranger, for the wrong door, for a wrong password."""
    spent: list[str] = []
    hasher = type(get_hasher())
    # ``verify`` of the tests' hasher encodes what was given.
    encode = hasher.encode

    def count_encode(self: Any, *args: Any) -> str:
        spent.append("encode")
        return str(encode(self, *args))

    monkeypatch.setattr(hasher, "encode", count_encode)
    for email, password in (
        ("owner@alpha.test", PASSWORD),
        ("ada@alpha.test", "wrong"),
        ("eve@alpha.test", "wrong"),
    ):
        spent.clear()
        door(browser_at(world.alpha), email, password)
        assert len(spent) == 1, email


def test_asking_for_a_reset_is_the_same_work_for_a_stranger(world: World) -> None:
    """Otherwise the clock tells who has an account."""
    work = []
    for email in ("ada@alpha.test", "eve@alpha.test"):
        with world.alpha.inside(), CaptureQueriesContext(connection) as caught:
            request_password_reset(email=email, kind="client")
            request_password_reset(email=email, kind="client")
        # For a stranger the same is done, and undone.
        words = [str(query["sql"]).split()[0] for query in caught]
        work.append([word for word in words if word in ("SELECT", "INSERT", "UPDATE", "/*")])
        with world.alpha.inside():
            assert StoredEvent.objects.filter(name="password.reset_requested").count() == 1
            assert AuditEvent.objects.filter(action="password.reset_requested").count() == 1
    assert work[0] == work[1]
    with world.alpha.inside():
        deliver_due()
    assert [sent.to for sent in mail.outbox] == [["ada@alpha.test"]]
