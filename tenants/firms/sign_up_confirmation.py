"""The confirmation mail of a sign-up: a fresh secret each time it is sent."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from infra.tenancy.signing import new_token, token_hash
from tenants.firms import mails
from tenants.firms.models import SignUp


def new_sign_up_token(*, sign_up: SignUp) -> str:
    """A fresh confirmation secret; earlier ones stop working."""
    token = new_token()
    sign_up.token_hash = token_hash(token)
    sign_up.save(update_fields=["token_hash"])
    return token


def mail_confirmation(*, sign_up_id: UUID | str) -> None:
    """Mail the confirmation link of a request that is not confirmed yet."""
    sign_up = SignUp.objects.filter(pk=sign_up_id, confirmed_at__isnull=True).first()
    if sign_up is None:
        return
    mails.send_confirmation(sign_up, new_sign_up_token(sign_up=sign_up))
    sign_up.mailed_at = timezone.now()
    sign_up.save(update_fields=["mailed_at"])
