"""The second factor as sign-in asks for it: a code of the app, or a recovery code."""

from __future__ import annotations

from math import ceil

from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext_lazy

from infra.audit.services import record_event
from infra.common.errors import NotAllowed
from infra.tenancy.signing import token_hash
from tenants.access.models import Authenticator, RecoveryCode
from tenants.people.models import User


class TooManyCodes(NotAllowed):
    """Wrong codes came just before; none is looked at for a while (``retry_after`` seconds)."""

    def __init__(self, seconds: int) -> None:
        sentence = ngettext_lazy(
            "Wrong codes came just before, so this one was not checked. Please wait %(seconds)d second and try the next code.",
            "Wrong codes came just before, so this one was not checked. Please wait %(seconds)d seconds and try the next code.",
            "seconds",
        )
        super().__init__(sentence % {"seconds": seconds})
        self.retry_after = seconds


def require_not_throttled(device: Authenticator) -> None:
    """Raises ``TooManyCodes`` while the authenticator looks at no code."""
    allowed, reason = device.verify_is_allowed()
    if not allowed:
        wait = (reason["locked_until"] - timezone.now()).total_seconds()
        raise TooManyCodes(max(1, ceil(wait)))


def has_factor(user: User) -> bool:
    """Whether the person has a confirmed authenticator."""
    return Authenticator.objects.filter(user=user, confirmed=True).exists()


def verify_factor(*, user: User, code: str) -> bool:
    """Whether ``code`` is the authenticator's present code or an unused recovery code.

    Raises ``TooManyCodes``.
    """
    plain = code.strip().replace(" ", "").lower()
    with transaction.atomic():
        device = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            return False
        if plain.isdigit():
            require_not_throttled(device)
            return bool(device.verify_token(plain))
        used = RecoveryCode.objects.filter(
            user=user, code_hash=token_hash(plain), used_at__isnull=True
        ).update(used_at=timezone.now())
        if used:
            record_event("factor.recovery_code_used", by=user, about=user)
        return bool(used)
