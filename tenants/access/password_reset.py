"""Change a password, and set a new one by a mailed link."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from branding.letterhead.mails import portal_address
from infra.audit.services import record_event
from infra.common.errors import Invalid, NotAllowed
from infra.common.primary_keys import new_key
from infra.common.request_context import current_origin
from infra.common.session_required import require_session
from infra.events.services import emit
from infra.events.task_base import enqueue_best_effort
from infra.events.tasks import deliver_events
from infra.tenancy.signing import BadSignature, firm_signer
from infra.throttling.services import Limit, Throttled, Use, take
from tenants.access.credential_changes import way_in_changed
from tenants.access.events import PasswordChanged, PasswordResetRequested
from tenants.access.invitations import check_password_rules
from tenants.access.lock_out import lift_lock
from tenants.access.sign_in import WrongCredentials, prove_password
from tenants.people.models import User

RESET_SECONDS = 3600
RESETS_FROM_NETWORK = Limit("password-reset/network", 10, timedelta(hours=1))
# Nobody's mailbox can be flooded: what is asked above this sends no mail.
RESET_PAUSE = Limit("password-reset/pause", 1, timedelta(minutes=2))
RESETS_TO_ADDRESS = Limit("password-reset/recipient", 5, timedelta(hours=1))


class TooManyResets(NotAllowed):
    """Reset links were asked for many times from this network."""

    message = _(
        "Many reset links were asked for from your connection just now. Please wait an hour."
    )


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
    """Mail a reset link if the address is known here; the answer never tells whether it is.

    Raises ``TooManyResets`` after many requests from one network, whatever the addresses. Too many
    for one address send no mail, and say nothing about it.
    """
    email = email.strip().lower()
    try:
        take(Use(RESETS_FROM_NETWORK, current_origin().network))
    except Throttled as found:
        error = TooManyResets()
        error.retry_after = found.retry_after
        raise error from found
    recipient = f"{kind} {email}"
    try:
        take(Use(RESET_PAUSE, recipient), Use(RESETS_TO_ADDRESS, recipient))
    except Throttled:
        return
    user = User.objects.filter(email=email, kind=kind, is_active=True).first()
    # The same work for an unknown address, undone at the end: the clock does not tell either.
    with transaction.atomic():
        record_event("password.reset_requested", by=user, about=user)
        emit(PasswordResetRequested(user=user.pk if user else new_key()))
        if user is None:
            transaction.set_rollback(True)
    if user is None:
        transaction.on_commit(lambda: enqueue_best_effort(deliver_events), robust=True)


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
    lift_lock(user)
    return user
