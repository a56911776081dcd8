"""Change a password, and set a new one by a mailed link."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from branding.letterhead.mails import portal_address
from infra.audit.services import record_event
from infra.common.errors import Invalid
from infra.common.session_required import require_session
from infra.events.selectors import was_emitted
from infra.events.services import emit
from infra.tenancy.signing import BadSignature, firm_signer, token_hash
from tenants.access.credential_changes import way_in_changed
from tenants.access.events import PasswordChanged, PasswordResetRequested
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
        way_in_changed(user=user, change=PasswordChanged, keep_session=keep_session)


def request_password_reset(*, email: str, kind: str) -> None:
    """Mail a reset link if the address is known here; the answer never tells whether it is."""
    email = email.strip().lower()
    user = User.objects.filter(email=email, kind=kind, is_active=True).first()
    # The same work for an unknown address, up to the mail: the clock does not tell either.
    request = PasswordResetRequested(
        user=user.pk if user else None, asked=token_hash(f"{kind}/{email}")
    )
    with transaction.atomic():
        record_event("password.reset_requested", by=user, about=user)
        if not was_emitted(PasswordResetRequested, within=RESET_PAUSE, asked=request.asked):
            emit(request)


def _reset_signer_value(user: User) -> list[str]:
    return [str(user.pk), user.get_session_auth_hash()[:24]]


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
