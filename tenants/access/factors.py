"""The second factor as sign-in asks for it: a code of the app, or a recovery code."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from infra.audit.services import record_event
from infra.tenancy.signing import token_hash
from tenants.access.models import Authenticator, RecoveryCode
from tenants.people.models import User


def has_factor(user: User) -> bool:
    """Whether the person has a confirmed authenticator."""
    return Authenticator.objects.filter(user=user, confirmed=True).exists()


def verify_factor(*, user: User, code: str) -> bool:
    """Whether ``code`` is the authenticator's present code or an unused recovery code."""
    plain = code.strip().replace(" ", "").lower()
    with transaction.atomic():
        device = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            return False
        if plain.isdigit():
            return bool(device.verify_token(plain))
        used = RecoveryCode.objects.filter(
            user=user, code_hash=token_hash(plain), used_at__isnull=True
        ).update(used_at=timezone.now())
        if used:
            record_event("factor.recovery_code_used", by=user, about=user)
        return bool(used)
