"""Hosts, surfaces and cookies: what counts on one of them does not count on another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import Resolver404, resolve

from tenants.firms.hosts import address
from tests.isolation.asking import (
    Actor,
    Findings,
    ask,
    changed,
    digest,
    is_to_sign_in,
    path_of,
    short,
    undone,
    words_of,
)
from tests.isolation.conftest import own_session
from tests.isolation.urls import URLCONFS, rows_of
from tests.world import World

PLATFORM = "portico.localhost"


@pytest.mark.parametrize(("surface", "role"), [("portal", "owner"), ("console", "client")])
def test_a_session_counts_on_its_own_surface_only(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, role: str
) -> None:
    """The same firm's schema, the same session table: only the binding keeps them apart."""
    findings = Findings()
    actor = actor_of(world.alpha, role)
    actor.host = getattr(world.alpha, surface)
    own = things["alpha"][1] | {"session": things["alpha"][1]["invoice"]}
    for row in rows_of(surface):
        if row.is_open:
            continue
        with undone(actor.browser):
            findings.asked += 1
            answer = ask(row, actor, own)
            refused = answer.status_code in (401, 403) if row.is_api else is_to_sign_in(answer)
            if not refused:
                findings.add(row, actor, f"got {short(answer)}")
    findings.settle(at_least=20)


def _is_served(path: str, surface: str) -> bool:
    try:
        resolve(path, urlconf=URLCONFS[surface])
    except Resolver404:
        return False
    return True


@pytest.mark.parametrize("at", ["portal", "console", "operator", "platform"])
def test_addresses_of_another_surface_do_not_exist(
    world: World, things: Any, actor_of: Callable[..., Actor], at: str
) -> None:
    firm = world.ops if at == "operator" else world.alpha
    role = {"portal": "client", "console": "owner", "operator": "operator"}.get(at, "anonymous")
    actor = actor_of(firm, role, surface=at)
    if at == "platform":
        actor.host = PLATFORM
    own = things["alpha"][1] | {"session": things["alpha"][1]["invoice"]}
    findings = Findings()
    for surface in ("portal", "console", "operator", "platform"):
        for row in rows_of(surface):
            if _is_served(path_of(row, own), at):
                continue
            with undone(actor.browser):
                findings.asked += 1
                answer = ask(row, actor, own)
                if answer.status_code != 404 and not (
                    answer.status_code == 403 and not row.is_safe
                ):
                    findings.add(row, f"{actor} at {at}", f"got {short(answer)}")
    findings.settle(at_least=15)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "nobody.portico.localhost",
        "alpha.portico.localhost.evil.example",
        "alpha.portico.localhost@evil.example",
        "alpha.portico.localhost/../beta",
        "alpha..portico.localhost",
        "alpha.portico.localhost:80:80",
        "*.portico.localhost",
        "127.0.0.1",
        "[::1]",
        "alpha.portico.localhost,beta.portico.localhost",
        "alpha.portico.localhost\x00",
        "evil.example",
    ],
)
def test_an_unknown_host_gets_the_constant_answer(world: World, things: Any, host: str) -> None:
    for path in ("/", "/sign-in/", "/api/v1/invoices/", "/livez", "/hooks/sandbox/"):
        answer = Browser().get(path, headers={"host": host})
        assert (answer.status_code, answer.content) == (
            404,
            b"Nothing is served at this address.\n",
        )
        assert not answer.cookies
        assert "canary" not in words_of(answer)


@pytest.mark.parametrize(
    "spelling",
    [
        "ALPHA.Portico.Localhost",
        "alpha.portico.localhost.",
        "alpha.portico.localhost:8000",
        "Alpha.portico.localhost.:443",
    ],
)
def test_other_spellings_are_the_same_firm_and_the_same_gate(
    world: World, things: Any, actor_of: Callable[..., Actor], spelling: str
) -> None:
    thief = actor_of(world.beta, "client")
    own = things["alpha"][1]["invoice"]
    assert is_to_sign_in(thief.browser.get(f"/invoices/{own}/", headers={"host": spelling}))
    ada = actor_of(world.alpha, "client")
    assert ada.browser.get(f"/invoices/{own}/", headers={"host": spelling}).status_code == 200
    foreign = things["beta"][1]["invoice"]
    assert ada.browser.get(f"/invoices/{foreign}/", headers={"host": spelling}).status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "x-forwarded-host",
        "x-host",
        "x-original-host",
        "forwarded",
        "x-forwarded-server",
        "x-original-url",
        "x-rewrite-url",
    ],
)
def test_no_other_header_chooses_the_firm(
    world: World, things: Any, actor_of: Callable[..., Actor], header: str
) -> None:
    value = world.alpha.portal
    if header == "forwarded":
        value = f"host={value}"
    if header.endswith("url"):
        value = f"http://{value}/invoices/{things['alpha'][1]['invoice']}/"
    beta = actor_of(world.beta, "client")
    page = beta.browser.get("/", headers={header: value})
    assert page.status_code == 200
    assert "canary-alpha" not in words_of(page)
    stranger = Browser(headers={"host": "nobody.portico.localhost"})
    assert stranger.get("/", headers={header: value}).status_code == 404


def test_mailed_links_name_the_firms_host_whatever_the_request_says(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    browser = Browser(
        headers={"host": "ALPHA.portico.localhost:6666", "x-forwarded-host": "evil.example"}
    )
    with world.alpha.inside(), django_capture_on_commit_callbacks(execute=True):
        answer = browser.post("/password/forgotten/", {"email": "ada@alpha.test"})
    assert answer.status_code == 200
    body = str(mail.outbox[-1].body)
    assert address(world.alpha.portal, "/password/reset/") in body
    assert "evil" not in body
    assert "6666" not in body


@pytest.mark.parametrize(
    ("surface", "role"),
    [
        ("portal", "client"),
        ("console", "owner"),
        ("operator", "operator"),
        ("platform", "anonymous"),
    ],
)
@pytest.mark.parametrize("token", ["", "x" * 64])
def test_nothing_is_changed_without_the_proof_of_origin(
    world: World, things: Any, actor_of: Callable[..., Actor], surface: str, role: str, token: str
) -> None:
    """Cookies alone are no consent: every unsafe page and call of a session needs the CSRF token."""
    firm = world.ops if surface == "operator" else world.alpha
    actor = actor_of(firm, role, surface=surface)
    if surface == "platform":
        actor.host = PLATFORM
    own = things["alpha"][1]
    own["session"] = own_session(firm, actor) if role != "anonymous" else own["invoice"]
    strict = Browser(enforce_csrf_checks=True, headers={"host": actor.host})
    strict.cookies = actor.browser.cookies
    actor.browser = strict
    schemas = (firm.ref.schema, "public")
    before, findings = digest(*schemas), Findings()
    headers = {"x-csrftoken": token} if token else {}
    for row in rows_of(surface):
        if row.is_safe or row.signed:
            continue
        if surface == "operator" and row.thing == "reset":
            continue
        with undone(strict):
            findings.asked += 1
            answer = ask(row, actor, own, headers=headers)
            if answer.status_code != 403:
                findings.add(row, actor, f"got {short(answer)}")
            if tables := changed(before, digest(*schemas)):
                findings.add(row, actor, f"changed {', '.join(tables)}")
    findings.settle(at_least=3)


def test_a_request_from_another_origin_is_refused(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    ada = actor_of(world.alpha, "client")
    strict = Browser(enforce_csrf_checks=True, headers={"host": ada.host})
    strict.cookies = ada.browser.cookies
    token = strict.get("/api/v1/auth/csrf/").json()["token"]
    for origin in (
        "https://evil.example",
        "null",
        f"http://{world.beta.portal}",
        f"http://{world.alpha.console}",
    ):
        answer = strict.post(
            "/profile/theme/", {"theme": "dark"}, headers={"x-csrftoken": token, "origin": origin}
        )
        assert answer.status_code == 403, origin
    own = {"x-csrftoken": token, "origin": f"http://{ada.host}"}
    assert strict.post("/profile/theme/", {"theme": "dark"}, headers=own).status_code == 302


def test_no_answer_may_be_kept_or_framed(
    world: World, things: Any, actor_of: Callable[..., Actor]
) -> None:
    """Private answers carry no-store; only the firm's public files may be cached."""
    findings = Findings()
    for surface, role in (("portal", "client"), ("console", "owner")):
        actor = actor_of(world.alpha, role)
        for row in rows_of(surface):
            if not row.is_safe or role not in row.who:
                continue
            with undone(actor.browser):
                findings.asked += 1
                answer = ask(row, actor, things["alpha"][1])
            kept = answer.get("Cache-Control", "")
            public = row.thing in ("stylesheet", "image")
            if not public and "no-store" not in kept and "no-cache" not in kept:
                findings.add(row, actor, f"Cache-Control: {kept}")
            framed = answer.get("X-Frame-Options", "")
            if framed != ("SAMEORIGIN" if row.name == "branding-preview" else "DENY"):
                findings.add(row, actor, f"X-Frame-Options: {framed}")
            if "Content-Security-Policy" not in answer:
                findings.add(row, actor, "no content security policy")
            if answer.get("X-Content-Type-Options") != "nosniff":
                findings.add(row, actor, "may be sniffed")
    findings.settle(at_least=40)


def test_session_cookies_are_bound_to_their_host(world: World) -> None:
    cookie = world.alpha.browser("ada").cookies["__Host-sid"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["domain"], cookie["path"]) == ("", "/")
