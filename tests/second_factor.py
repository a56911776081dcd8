"""Authenticator apps of the tests."""

from __future__ import annotations

import base64

from django.test import Client as Browser
from django.utils import timezone
from django_otp.oath import TOTP

from tenants.access.factor_enrolment import begin_enrolment, confirm_enrolment
from tenants.people.models import User
from tests.world import PASSWORD


def secret_of(address: str) -> bytes:
    """The key inside an ``otpauth`` address."""
    text = address.split("secret=")[1].split("&")[0]
    return base64.b32decode(text + "=" * (-len(text) % 8))


def code_of(secret: bytes, *, steps: int = 0) -> str:
    """The six digits an app shows now, or ``steps`` half minutes from now."""
    totp = TOTP(secret)
    totp.time = timezone.now().timestamp() + 30 * steps
    return f"{totp.token():06d}"


def proven(code: str, password: str = PASSWORD) -> dict[str, str]:
    """What the forms of the authenticator ask for."""
    return {"code": code, "old_password": password}


def enrol(user: User) -> tuple[bytes, list[str]]:
    """Give a person an authenticator, confirmed by the previous code; secret and recovery codes.

    The present code stays unused, so that a test can sign in at once.
    """
    secret = secret_of(begin_enrolment(user=user))
    return secret, confirm_enrolment(user=user, password=PASSWORD, code=code_of(secret, steps=-1))


def enrol_by_page(browser: Browser, password: str = PASSWORD) -> None:
    """Set up the authenticator of the person signed in to ``browser``, as the person would."""
    page = browser.get("/profile/factor/")
    shown = page.context["secret"]
    secret = base64.b32decode(shown + "=" * (-len(shown) % 8))
    answer = browser.post("/profile/factor/", proven(code_of(secret), password))
    assert answer.status_code == 200, answer.content
