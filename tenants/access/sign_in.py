"""Signing in: the one way in for page, API and later single sign-on and one-time links.

It knows lock-out, audience, second factor and audit. Doors turn its answer into a
session by ``start_session``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.errors import Invalid, NotAllowed, Unavailable
from infra.common.request_context import current_origin
from infra.tenancy.firm_context import current_firm
from infra.tenancy.signing import firm_signer
from tenants.access.factors import TooManyCodes, has_factor, verify_factor
from tenants.access.hashers import BoundedArgon2Hasher
from tenants.access.impersonation import seen_person
from tenants.access.lock_out import Attempt, TooManyAttempts, forget_failures_here
from tenants.access.models import Session, SignInPolicy
from tenants.people.models import User
from tenants.people.roles import KIND_OF_SURFACE

__all__ = ["TooManyAttempts"]

PENDING_SECONDS = 300


class WrongCredentials(Invalid):
    """Address and password do not go together, or not on this host; one answer for all cases."""

    message = _("The e-mail address or the password is not right.")


class WrongCode(Invalid):
    """The six digits (or recovery code) are not right, or were used already."""

    message = _("This code is not right. Codes change every 30 seconds; please try the next one.")


class PortalClosed(NotAllowed):
    """The firm has closed its portal to clients for the moment."""

    message = _("The portal is closed for the moment. Please contact the firm directly.")


class SecondFactorRequired(NotAllowed):
    """The password is right; the second factor is still to come.

    ``pending`` is a signed value, good for five minutes, to be sent with the code.
    """

    message = _("Please enter the code from your authenticator app.")

    def __init__(self, pending: str) -> None:
        super().__init__()
        self.pending = pending


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who proved who they are, and whether a second factor was part of it."""

    user: User
    with_factor: bool


def _person_with(email: str, password: str, kind: str | None, doing: str = "") -> User:
    """Who has this address and password; every failure counts towards the lock-out."""
    BoundedArgon2Hasher.turns.require_room()
    attempt = Attempt(email)
    try:
        user = authenticate(None, username=email, password=password, kind=kind)
    except Unavailable:
        attempt.withdraw()  # nobody looked at the password
        raise
    if user is None:
        meta = {"surface": current_origin().surface} | ({"doing": doing} if doing else {})
        record_event("sign_in.failed", by=None, meta=meta)
        attempt.failed(User.objects.filter(email=email, is_active=True).first())
        raise WrongCredentials
    assert isinstance(user, User)  # noqa: S101  the model the backend is configured with
    attempt.withdraw()
    return user


def prove_password(*, user: User, password: str, doing: str) -> None:
    """The password of an account that is there, asked again for ``doing`` something with it.

    Guessing here counts like guessing at sign-in, and is answered the same. Call it outside
    of a transaction: what fails must stay counted. Raises ``WrongCredentials``,
    ``TooManyAttempts``.
    """
    _person_with(user.email, password, user.kind, doing)
    forget_failures_here(user)


def sign_in(*, email: str, password: str, code: str = "") -> SignedIn:
    """Check address, password and, where one is set up, the second factor.

    Raises ``WrongCredentials``, ``TooManyAttempts``, ``PortalClosed``,
    ``SecondFactorRequired`` (no code given), ``WrongCode`` or ``TooManyCodes``.
    """
    surface = current_origin().surface
    person = _person_with(email.strip().lower(), password, KIND_OF_SURFACE.get(surface))
    _require_open()
    if not has_factor(person):
        return _accepted(person, with_factor=False)
    if not code:
        pending = firm_signer("second-factor").sign(_pending_value(person))
        raise SecondFactorRequired(pending)
    return _with_code(person, code)


def _pending_value(user: User) -> list[str]:
    """Who is half-way in, bound to the password that got them there."""
    return [str(user.pk), user.get_session_auth_hash()[:24]]


def complete_sign_in(*, pending: str, code: str) -> SignedIn:
    """The second step: the signed value of the first and the code.

    Raises ``PortalClosed``, ``WrongCode``, ``TooManyCodes``, ``TooManyAttempts``.
    """
    _require_open()
    value = firm_signer("second-factor").read(pending, max_age=PENDING_SECONDS)
    user = User.objects.filter(pk=value[0], is_active=True).first()
    if user is None or _pending_value(user) != value:
        raise WrongCode
    if user.kind != KIND_OF_SURFACE.get(current_origin().surface):
        raise WrongCode
    return _with_code(user, code)


def is_closed_here() -> bool:
    """Whether this host is a portal that its firm keeps closed: nobody signs in here."""
    return current_origin().surface == "portal" and not SignInPolicy.current().portal_on


def _require_open() -> None:
    """Clients stay outside while the firm keeps its portal closed; its own people do not."""
    if is_closed_here():
        raise PortalClosed


def _with_code(user: User, code: str) -> SignedIn:
    """Wrong codes count like wrong passwords: whoever guesses them has the password already."""
    attempt = Attempt(user.email)
    try:
        is_right = verify_factor(user=user, code=code)
    except TooManyCodes:
        attempt.withdraw()  # nobody looked at the code
        raise
    if not is_right:
        record_event("sign_in.wrong_code", by=user, about=user)
        attempt.failed(user)
        raise WrongCode
    attempt.withdraw()
    return _accepted(user, with_factor=True)


def _accepted(user: User, *, with_factor: bool) -> SignedIn:
    forget_failures_here(user)
    record_event("sign_in.succeeded", by=user, about=user, meta={"second_factor": with_factor})
    return SignedIn(user, with_factor)


def start_session(session: Any, signed_in: SignedIn) -> None:
    """Bind a browser session to the person, the firm and the surface, under a new key."""
    policy = SignInPolicy.current()
    user = signed_in.user
    session.flush()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session["firm"] = str(current_firm().id)
    session["surface"] = current_origin().surface
    session["idle_seconds"] = policy.idle_minutes * 60
    session["second_factor_at"] = timezone.now().isoformat() if signed_in.with_factor else None
    session.set_expiry(policy.absolute_hours * 3600)
    session.create()
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])


def must_enrol(user: User) -> bool:
    """Whether the firm (or the platform, for operators) demands a factor this person lacks."""
    if user.lacks_factor is not None:
        return user.lacks_factor
    asked = SignInPolicy.current().factor_for(user.kind)
    return asked == SignInPolicy.Factor.REQUIRED and not has_factor(user)


def session_person(session: Any) -> User | None:
    """The person of a loaded session if it still counts here: same firm, surface and password.

    Of a viewing session it is whom the staff member looks as.
    """
    user: User | None = session.person
    if user is None or not user.is_active:
        return None
    if session.get("firm") != str(current_firm().id):
        return None
    if session.get("surface") != current_origin().surface:
        return None
    if session.get("_auth_user_hash") != user.get_session_auth_hash():
        return None
    if session.row.seen_contact_id is not None:
        return seen_person(session.row)
    # Staff are on the portal to look as somebody, never as themselves.
    return user if user.kind == KIND_OF_SURFACE.get(session["surface"]) else None


def end_session(*, public_id: UUID, by: User) -> None:
    """Sign out one of the person's own devices."""
    with transaction.atomic():
        ended, _rows = Session.objects.filter(public_id=public_id, user=by).delete()
        if ended:
            record_event("session.ended", by=by, about=by)


def end_other_sessions(*, by: User, keep: str) -> int:
    """Sign out every device of the person but the present one; returns how many."""
    with transaction.atomic():
        ended, _rows = Session.objects.filter(user=by).exclude(session_key=keep).delete()
        record_event("session.others_ended", by=by, about=by, meta={"count": ended})
    return int(ended)
