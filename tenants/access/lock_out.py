"""Failed sign-ins are counted, and refused from a number on.

Three limits hold together, at page and API, for passwords, codes and passwords asked again:

- one account from one network (an IPv4 address or an IPv6 /64): what a person mistypes;
- all accounts from one network: one password tried at many accounts;
- one account from anywhere: many networks at one account. Its owner is mailed a link that lifts
  it, so that strangers cannot keep anybody out.

They hold for addresses without an account as well, and are answered the same.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from branding.letterhead.mails import portal_address
from infra.audit.services import record_event
from infra.common.errors import NotAllowed
from infra.common.request_context import current_origin
from infra.events.services import emit
from infra.tenancy.signing import BadSignature, firm_signer
from infra.throttling.services import Limit, Throttled, Use, forget, give_back, take
from tenants.access.events import AccountLocked
from tenants.people.models import User

HERE = Limit("sign-in/account-and-network", 5, timedelta(minutes=15))
NETWORK = Limit("sign-in/network", 20, timedelta(minutes=15))
ACCOUNT = Limit("sign-in/account", 50, timedelta(hours=24))


class TooManyAttempts(NotAllowed):
    """Locked for a while after failures: of the account here, of this network, or of the account."""

    message = _("Too many attempts. Please try again later.")

    def __init__(self, found: Throttled) -> None:
        super().__init__(_sentence(found))
        self.retry_after = found.retry_after


def _sentence(found: Throttled) -> str | Promise:
    if found.limit == ACCOUNT:
        return _(
            "Too many attempts at this account. If it is yours, open the link that we mailed to its address; then you can sign in at once."
        )
    if found.limit == NETWORK:
        sentence = ngettext_lazy(
            "Too many attempts from your connection. Please wait %(minutes)d minute.",
            "Too many attempts from your connection. Please wait %(minutes)d minutes.",
            "minutes",
        )
    else:
        sentence = ngettext_lazy(
            "Too many attempts. Please wait %(minutes)d minute, or reset your password; nothing was changed.",
            "Too many attempts. Please wait %(minutes)d minutes, or reset your password; nothing was changed.",
            "minutes",
        )
    return sentence % {"minutes": found.minutes}


class Attempt:
    """One attempt at an account, counted when it begins. Raises ``TooManyAttempts``.

    Belongs outside of a transaction: what fails must stay counted.
    """

    def __init__(self, email: str) -> None:
        self._uses = _uses(email)
        try:
            self._full = take(*self._uses)
        except Throttled as found:
            raise TooManyAttempts(found) from found

    def withdraw(self) -> None:
        """It does not count: it was right, or nobody looked at it."""
        give_back(*self._uses)

    def failed(self, user: User | None) -> None:
        """It was wrong. Raises ``TooManyAttempts`` where nothing is left.

        ``user`` is whose account it is, if there is one; they are mailed if it is locked by this.
        """
        if not self._full:
            return
        with transaction.atomic():
            record_event("sign_in.locked", by=None, meta={"surface": current_origin().surface})
            if ACCOUNT in self._full and user is not None:
                emit(AccountLocked(user=user.pk))
        limit = ACCOUNT if ACCOUNT in self._full else self._full[0]
        raise TooManyAttempts(Throttled(limit, int(limit.window.total_seconds())))


def _uses(email: str) -> list[Use]:
    network = current_origin().network
    return [
        Use(HERE, f"{email} {network}"),
        Use(NETWORK, network),
        Use(ACCOUNT, email),
    ]


def forget_failures_here(user: User) -> None:
    """After a sign-in: earlier failures at the account from this network no longer count."""
    here, _network, _account = _uses(user.email)
    forget(here)


def lift_lock(user: User) -> None:
    """Let somebody who proved their mailbox try again, whoever locked the account."""
    here, _network, account = _uses(user.email)
    forget(here, account)


def _signer_value(user: User) -> list[str]:
    return [str(user.pk), user.get_session_auth_hash()[:24]]


def unlock_address(user: User) -> str:
    """The page where the person lifts the lock; as long as the lock, or until the password changes."""
    token = firm_signer("unlock").sign(_signer_value(user))
    surface = "portal" if user.kind == User.Kind.CLIENT else "console"
    return portal_address(f"/sign-in/unlock/{token}/", surface)


def user_of_unlock(token: str) -> User:
    """Whom a mailed link lets try again. Raises ``BadSignature``."""
    value = firm_signer("unlock").read(token, max_age=int(ACCOUNT.window.total_seconds()))
    user: User | None = User.objects.filter(pk=value[0], is_active=True).first()
    if user is None or _signer_value(user) != value:
        raise BadSignature
    return user


def unlock_account(*, token: str) -> None:
    """Lift the lock by the mailed link. Raises ``BadSignature``."""
    user = user_of_unlock(token)
    lift_lock(user)
    record_event("sign_in.unlocked", by=user, about=user)
