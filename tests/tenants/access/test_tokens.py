"""Keys for programs: hashed, scoped, mortal, of one firm and of the console only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from infra.audit.models import AuditEvent
from infra.common.errors import NotAllowed
from tenants.access.models import ApiToken
from tenants.access.password_reset import WrongPassword
from tenants.access.tokens import create_api_token, revoke_api_token
from tenants.people.models import User
from tests.world import PASSWORD, FirmWorld, World


def _token(firm: FirmWorld, role: str = "owner", **more: Any) -> tuple[ApiToken, str]:
    person = firm.people[role]
    given = {"name": "books", "scopes": ["read", "write"], "expires_at": None, **more}
    with firm.inside():
        return create_api_token(user=person, by=firm.people["owner"], **given, password=PASSWORD)


def _ask(
    firm: FirmWorld, secret: str, path: str = "invoices/", *, surface: str = "console", **post: Any
) -> Any:
    headers = {"host": getattr(firm, surface), "authorization": f"Bearer {secret}"}
    browser = Browser(headers=headers, enforce_csrf_checks=True)
    if post:
        return browser.post(f"/api/v1/{path}", post, content_type="application/json")
    return browser.get(f"/api/v1/{path}")


def test_a_key_opens_the_api_of_its_firm(world: World) -> None:
    _row, secret = _token(world.alpha)
    answer = _ask(world.alpha, secret)
    assert (answer.status_code, answer.json()["count"]) == (200, 4)
    assert not answer.cookies


def test_the_secret_is_stored_nowhere(world: World) -> None:
    row, secret = _token(world.alpha)
    with world.alpha.inside(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT t::text FROM api_token t UNION ALL SELECT t::text FROM audit_event t"
        )
        stored = " ".join(text for (text,) in cursor.fetchall())
    assert secret not in stored
    assert secret[len(row.prefix) :] not in stored
    assert secret.startswith("pt_alpha_")
    assert len(secret) >= 43


def test_the_secret_is_shown_once(world: World) -> None:
    browser = world.alpha.browser("owner")
    made = browser.post(
        "/api/v1/tokens/",
        {"name": "books", "scopes": ["read"], "old_password": PASSWORD},
        content_type="application/json",
    ).json()
    assert made["secret"]
    listed = browser.get("/api/v1/tokens/")
    assert {item["secret"] for item in listed.json()["results"]} == {None}
    assert made["secret"] not in browser.get("/settings/tokens/").content.decode()


def test_a_reading_key_changes_nothing(world: World) -> None:
    _row, secret = _token(world.alpha, scopes=["read"])
    assert _ask(world.alpha, secret).status_code == 200
    answer = _ask(world.alpha, secret, "clients/", name="New", code="N1", kind="person")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    with world.alpha.inside():
        assert not world.alpha.client().__class__.objects.filter(code="N1").exists()


def test_a_writing_key_needs_no_proof_of_origin(world: World) -> None:
    _row, secret = _token(world.alpha)
    answer = _ask(world.alpha, secret, "clients/", name="New", code="N1", kind="person")
    assert answer.status_code == 201


@pytest.mark.parametrize("scopes", [[], ["admin"]])
def test_a_key_without_scopes_opens_nothing(world: World, scopes: list[str]) -> None:
    _row, secret = _token(world.alpha, scopes=scopes)
    assert _ask(world.alpha, secret).status_code == 403


def test_a_key_acts_as_its_person(world: World) -> None:
    _row, secret = _token(world.alpha, "attorney")
    assert _ask(world.alpha, secret).json()["count"] == 2
    assert _ask(world.alpha, secret, "portal-settings/").status_code == 403


def test_an_expired_key_opens_nothing(world: World) -> None:
    _row, secret = _token(world.alpha, expires_at=timezone.now() - timedelta(seconds=1))
    assert _ask(world.alpha, secret).status_code == 401


def test_a_revoked_key_opens_nothing_at_once(world: World) -> None:
    row, secret = _token(world.alpha)
    assert _ask(world.alpha, secret).status_code == 200
    with world.alpha.inside():
        revoke_api_token(token=row, by=world.alpha.people["owner"])
    assert _ask(world.alpha, secret).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"kind": "client", "role": ""}, {"kind": "operator", "role": ""}],
)
def test_a_key_ends_with_its_person(world: World, change: dict[str, Any]) -> None:
    _row, secret = _token(world.alpha, "partner")
    with world.alpha.inside():
        User.objects.filter(email="partner@alpha.test").update(**change)
    assert _ask(world.alpha, secret).status_code in (401, 403)


def test_a_key_of_another_firm_opens_nothing(world: World) -> None:
    _row, secret = _token(world.beta)
    answer = _ask(world.alpha, secret)
    assert answer.status_code == 401
    assert b"canary" not in answer.content


def test_a_copied_row_of_another_firm_opens_nothing_more(world: World) -> None:
    """The key is looked up where it is used: without a row there, it is unknown."""
    row, secret = _token(world.beta)
    with world.alpha.inside():
        assert not ApiToken.objects.filter(token_hash=row.token_hash).exists()
    assert _ask(world.alpha, secret.replace("beta", "alpha")).status_code == 401


@pytest.mark.parametrize("path", ["invoices/", "auth/user/", "brand/"])
def test_the_portal_host_takes_no_keys(world: World, path: str) -> None:
    _row, secret = _token(world.alpha)
    assert _ask(world.alpha, secret, path, surface="portal").status_code == 401


def test_pages_take_no_keys(world: World) -> None:
    _row, secret = _token(world.alpha)
    headers = {"host": world.alpha.console, "authorization": f"Bearer {secret}"}
    answer = Browser(headers=headers).get("/settings/")
    assert (answer.status_code, answer["Location"][:9]) == (302, "/sign-in/")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer a b", "Bearer \x00", "Bearer é", "Basic b3duZXI6eA==", "Token x"],
)
def test_malformed_keys_are_refused(world: World, header: str) -> None:
    answer = Browser().get(
        "/api/v1/invoices/", headers={"host": world.alpha.console, "authorization": header}
    )
    assert answer.status_code == 401
    assert answer.json()["code"] in ("authentication_failed", "not_authenticated")


def test_a_bad_key_is_not_saved_by_a_good_session(world: World) -> None:
    browser = world.alpha.browser("owner")
    answer = browser.get("/api/v1/invoices/", headers={"authorization": "Bearer pt_alpha_wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize("role", ["attorney", "billing", "assistant", "ada"])
def test_keys_are_made_and_revoked_by_managers_only(world: World, role: str) -> None:
    row, _secret = _token(world.alpha)
    person = world.alpha.people[role]
    with world.alpha.inside():
        with pytest.raises(NotAllowed):
            create_api_token(
                user=person,
                name="x",
                scopes=["read"],
                expires_at=None,
                by=person,
                password=PASSWORD,
            )
        with pytest.raises(NotAllowed):
            revoke_api_token(token=row, by=person)
        assert ApiToken.objects.get(pk=row.pk).is_live


def test_no_key_is_made_for_a_client(world: World) -> None:
    with world.alpha.inside(), pytest.raises(NotAllowed):
        create_api_token(
            user=world.alpha.people["ada"],
            name="x",
            scopes=["read"],
            expires_at=None,
            by=world.alpha.people["owner"],
            password=PASSWORD,
        )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tokens/", {"name": "another", "scopes": ["read", "write"]}),
        (
            "auth/password/change/",
            {"old_password": PASSWORD, "new_password": "seven herons over grey water"},
        ),
    ],
)
def test_a_key_makes_no_keys_and_changes_no_password(
    world: World, path: str, body: dict[str, Any]
) -> None:
    """A stolen key must not outlive its own revocation."""
    _row, secret = _token(world.alpha)
    answer = _ask(world.alpha, secret, path, **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "session_needed")
    with world.alpha.inside():
        assert not ApiToken.objects.filter(name="another").exists()
        assert User.objects.get(email="owner@alpha.test").check_password(PASSWORD)


def test_the_present_password_is_asked_and_guesses_are_counted(world: World) -> None:
    owner = world.alpha.browser("owner")
    body = {"name": "another", "scopes": ["read"]}

    def ask(**more: str) -> Any:
        return owner.post("/api/v1/tokens/", {**body, **more}, content_type="application/json")

    assert ask().json()["fields"].keys() == {"old_password"}
    for _turn in range(4):
        answer = ask(old_password="wrong")
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_password")
        assert answer.json()["fields"].keys() == {"old_password"}
    assert ask(old_password="wrong").json()["code"] == "too_many_attempts"
    assert ask(old_password=PASSWORD).json()["code"] == "too_many_attempts"
    with world.alpha.inside():
        assert not ApiToken.objects.filter(name="another").exists()
        failed = AuditEvent.objects.filter(action="sign_in.failed")
        assert {event.meta["doing"] for event in failed} == {"api_token.create"}


def test_it_is_the_password_of_who_makes_it(world: World) -> None:
    with world.alpha.inside():
        partner = world.alpha.people["partner"]
        partner.set_password("another password of theirs 9")
        partner.save()
        given: Any = {"name": "another", "scopes": ["read"], "expires_at": None}
        owner = world.alpha.people["owner"]
        with pytest.raises(WrongPassword):
            create_api_token(user=owner, by=partner, password=PASSWORD, **given)
        assert not ApiToken.objects.filter(name="another").exists()


def test_use_is_noted_once_a_minute(world: World) -> None:
    row, secret = _token(world.alpha)
    _ask(world.alpha, secret)
    with world.alpha.inside():
        first = ApiToken.objects.get(pk=row.pk).last_used_at
    _ask(world.alpha, secret)
    with world.alpha.inside():
        assert ApiToken.objects.get(pk=row.pk).last_used_at == first
        assert first is not None
