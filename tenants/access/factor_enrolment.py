"""Setting up an authenticator app, and taking it away again: both ask for the present password."""

from __future__ import annotations

import base64
import os
import secrets
from urllib.parse import quote

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from infra.common.errors import Conflict, Invalid
from infra.tenancy.firm_context import current_firm
from infra.tenancy.keys import decrypt_field, encrypt_field
from infra.tenancy.signing import token_hash
from tenants.access.credential_changes import way_in_changed
from tenants.access.events import FactorAdded, FactorRemoved
from tenants.access.factors import has_factor, require_not_throttled, verify_factor
from tenants.access.models import Authenticator, RecoveryCode
from tenants.access.password_reset import prove_present_password
from tenants.people.models import User

RECOVERY_CODES = 10


class FactorAlreadySet(Conflict):
    """There is an authenticator already; remove it first."""

    message = _("An authenticator app is set up already.")


class WrongEnrolmentCode(Invalid):
    """The code does not match the secret that was just shown."""

    message = _("This code does not match. Check the time on your phone and try the next code.")


def begin_enrolment(*, user: User) -> str:
    """A new secret, not yet in force; returns the ``otpauth`` address for the QR code."""
    if has_factor(user):
        raise FactorAlreadySet
    secret = os.urandom(20)
    with transaction.atomic():
        Authenticator.objects.filter(user=user, confirmed=False).delete()
        Authenticator.objects.create(
            user=user,
            name="app",
            confirmed=False,
            secret=encrypt_field(secret, purpose="authenticator"),
        )
    return _address(user, secret)


def _address(user: User, secret: bytes) -> str:
    issuer = quote(current_firm().name)
    key = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/{issuer}:{quote(user.email)}?secret={key}&issuer={issuer}"


def pending_enrolment(*, user: User) -> str | None:
    """The ``otpauth`` address of an enrolment under way, or None."""
    device = Authenticator.objects.filter(user=user, confirmed=False).first()
    if device is None:
        return None
    return _address(user, decrypt_field(device.secret, purpose="authenticator"))


def confirm_enrolment(*, user: User, password: str, code: str, keep_session: str = "") -> list[str]:
    """Put the new authenticator in force; returns recovery codes, shown this once.

    Every other session ends, and the person is told by mail. A browser left open is not
    enough for it. Raises ``WrongPassword``, ``TooManyAttempts``, ``WrongEnrolmentCode``,
    ``TooManyCodes``.
    """
    prove_present_password(user=user, password=password, doing=FactorAdded.name)
    with transaction.atomic():
        device = (
            Authenticator.objects.select_for_update().filter(user=user, confirmed=False).first()
        )
        if device is not None:
            require_not_throttled(device)
        if device is not None and device.verify_token(code.replace(" ", "")):
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            way_in_changed(user=user, change=FactorAdded, keep_session=keep_session)
            return _new_recovery_codes(user)
    raise WrongEnrolmentCode(fields={"code": [str(WrongEnrolmentCode.message)]})


def _new_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = []
    for _turn in range(RECOVERY_CODES):
        raw = base64.b32encode(secrets.token_bytes(15)).decode().lower()
        codes.append("-".join(raw[at : at + 6] for at in range(0, 24, 6)))
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=token_hash(code)) for code in codes
    )
    return codes


def remove_factor(*, user: User, password: str, code: str, keep_session: str = "") -> None:
    """Take the authenticator away, after a last right code; every other session ends.

    Raises ``WrongPassword``, ``TooManyAttempts``, ``WrongEnrolmentCode``,
    ``TooManyCodes``.
    """
    prove_present_password(user=user, password=password, doing=FactorRemoved.name)
    if not verify_factor(user=user, code=code):
        raise WrongEnrolmentCode(fields={"code": [str(WrongEnrolmentCode.message)]})
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        way_in_changed(user=user, change=FactorRemoved, keep_session=keep_session)
