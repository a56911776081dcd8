"""Change a password, and set a new one by a mailed link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from branding.letterhead.mails import portal_address
from infra.audit.services import record_event
from infra.common.errors import Invalid
from infra.common.session_required import require_session
from infra.events.models import OutboxMessage
from infra.events.services import handles, put_message
from infra.tenancy.signing import BadSignature, firm_signer, token_hash
from tenants.access import mails
from tenants.access.credential_changes import PASSWORD_CHANGED, way_in_changed
from tenants.access.invitations import check_password_rules
from tenants.access.sign_in import WrongCredentials, forget_failures, prove_password
from tenants.people.models import User

RESET_SECONDS = 3600


# A second request soon after the first sends no second mail: nobody's mailbox can be flooded.
RESET_PAUSE = timedelta(minutes=2)


class WrongPassword(Invalid):
    """The present password is not right."""

    message = _("Your present password is not right.")


def change_password(*, user: User, present: str, new: str, keep_session: str = "") -> None:
    """Set a new password; every other session ends, and the person is told by mail.

    Wrong guesses of the present one count like those at sign-in.
    Raises ``WrongPassword``, ``TooManyAttempts``, ``WeakPassword``.
    """
    prove_present_password(user=user, password=present, doing="password.change")
    check_password_rules(new, user)
    _set_password(user, new, keep_session=keep_session)


def prove_present_password(*, user: User, password: str, doing: str) -> None:
    """The person's own password, before a change of their ways in; see ``prove_password``.

    Raises ``WrongPassword``, ``TooManyAttempts``, ``SessionNeeded``.
    """
    require_session(user)
    try:
        prove_password(user=user, password=password, doing=doing)
    except WrongCredentials as error:
        raise WrongPassword(fields={"old_password": [str(WrongPassword.message)]}) from error


def _set_password(user: User, password: str, *, keep_session: str = "") -> None:
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        way_in_changed(user=user, change=PASSWORD_CHANGED, keep_session=keep_session)


def request_password_reset(*, email: str, kind: str) -> None:
    """Mail a reset link if the address is known here; the answer never tells whether it is."""
    email = email.strip().lower()
    user = User.objects.filter(email=email, kind=kind, is_active=True).first()
    # The same work for an unknown address, up to the mail: the clock does not tell either.
    payload = {"user": str(user.pk) if user else "", "asked": token_hash(f"{kind}/{email}")}
    with transaction.atomic():
        record_event("password.reset_requested", by=user, about=user)
        if not _just_asked(payload["asked"]):
            put_message(topic="password.reset", payload=payload)


def _just_asked(asked: str) -> bool:
    return OutboxMessage.objects.filter(
        topic="password.reset",
        payload__asked=asked,
        created_at__gt=timezone.now() - RESET_PAUSE,
    ).exists()


def _reset_signer_value(user: User) -> list[str]:
    return [str(user.pk), user.get_session_auth_hash()[:24]]


@handles("password.reset")
def deliver_reset(payload: Mapping[str, Any], message_id: UUID) -> None:
    """Mail the link; it dies with the next password, or after an hour."""
    known = User.objects.filter(is_active=True)
    user = known.filter(pk=payload["user"]).first() if payload["user"] else None
    if user is None:
        return
    mails.send_password_reset(user, reset_address(user), message_id=str(message_id))


def reset_address(user: User) -> str:
    """The page where the person sets a new password; the address is good once, for an hour."""
    token = firm_signer("password-reset").sign(_reset_signer_value(user))
    surface = "portal" if user.kind == User.Kind.CLIENT else "console"
    return portal_address(f"/password/reset/{token}/", surface)


def user_of_reset(token: str) -> User:
    """The person a reset link belongs to; raises ``BadSignature`` for any other link."""
    value = firm_signer("password-reset").read(token, max_age=RESET_SECONDS)
    user = User.objects.filter(pk=value[0], is_active=True).first()
    if user is None or _reset_signer_value(user) != value:
        raise BadSignature
    return user


def reset_password(*, token: str, new: str) -> User:
    """Set a new password by a mailed link; the second factor is still asked at sign-in."""
    user = user_of_reset(token)
    check_password_rules(new, user)
    _set_password(user, new)
    forget_failures(user)
    return user
