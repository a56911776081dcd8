"""The doors through which the tests of signing in go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from infra.tenancy.signing import firm_signer
from tenants.access.password_reset import _reset_signer_value
from tenants.people.models import User
from tests.world import PASSWORD, FirmWorld, World

# After everything that the tests set up at the present moment, authenticators included.
NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=2)
NEW_PASSWORD = "seven herons over grey water"
SID = "__Host-sid"


def browser_at(firm: FirmWorld, *, ip: str = "192.0.2.1", surface: str = "portal") -> Browser:
    return Browser(headers={"host": getattr(firm, surface)}, REMOTE_ADDR=ip)


def by_page(browser: Browser, email: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/sign-in/", {"email": email, "password": password, **more})


def by_api(browser: Browser, email: str, password: str = PASSWORD, **more: str) -> Any:
    body = {"email": email, "password": password, **more}
    return browser.post("/api/v1/auth/login/", body, content_type="application/json")


DOORS = pytest.mark.parametrize("door", [by_page, by_api], ids=["page", "api"])


def is_in(browser: Browser) -> bool:
    return browser.get("/profile/").status_code == 200


def replay(firm: FirmWorld, key: str, *, surface: str = "portal") -> Browser:
    """A browser with a copied session cookie."""
    browser = browser_at(firm, surface=surface)
    browser.cookies[SID] = key
    return browser


BOTH = pytest.mark.parametrize("api", [False, True], ids=["page", "api"])


def pending_of(answer: Any) -> str:
    """The value that the first step hands to the second."""
    if answer["Content-Type"].startswith("application/json"):
        return str(answer.json()["pending"])
    return str(answer.context["form"].initial["pending"])


def second_step(browser: Browser, pending: str, code: str, *, api: bool) -> Any:
    body = {"pending": pending, "code": code}
    if api:
        return browser.post("/api/v1/auth/login/", body, content_type="application/json")
    return browser.post("/sign-in/code/", body)


def reset_path(world: World, email: str = "ada@alpha.test") -> str:
    """The address of a fresh reset link."""
    with world.alpha.inside():
        user = User.objects.get(email=email)
        return f"/password/reset/{firm_signer('password-reset').sign(_reset_signer_value(user))}/"
