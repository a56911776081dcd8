"""API tokens: made once, shown once, kept as a hash."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.session_required import require_in_person
from infra.tenancy.firm_context import current_firm
from infra.tenancy.signing import new_token, token_hash
from tenants.access.models import ApiToken
from tenants.access.password_reset import prove_present_password
from tenants.firms.permissions import Permission
from tenants.people.models import User

SCOPES = ("read", "write")
USED_EVERY = timedelta(minutes=1)


def create_api_token(
    *,
    user: User,
    name: str,
    scopes: list[str],
    expires_at: datetime | None,
    by: User,
    password: str,
) -> tuple[ApiToken, str]:
    """A token that acts as ``user``; returns it with the secret, which is never shown again.

    ``password`` is the present one of ``by``: a browser left open is not enough for a key that
    works without it. Raises ``SessionNeeded``, ``SecondStepNeeded``, ``WrongPassword``,
    ``TooManyAttempts``.
    """
    require(by.may(Permission.MANAGE_PORTAL) and user.kind == User.Kind.STAFF)
    require_in_person(by)
    prove_present_password(user=by, password=password, doing="api_token.create")
    secret = f"pt_{current_firm().slug}_{new_token()}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name,
            prefix=secret[:16],
            token_hash=token_hash(secret),
            scopes=[scope for scope in SCOPES if scope in scopes],
            expires_at=expires_at,
        )
        record_event("api_token.created", by=by, about=token, meta={"scopes": token.scopes})
    return token, secret


def revoke_api_token(*, token: ApiToken, by: User) -> None:
    """Make a token worthless at once."""
    require(by.may(Permission.MANAGE_PORTAL))
    require_in_person(by)
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
            revoked_at=timezone.now()
        ):
            record_event("api_token.revoked", by=by, about=token)


def find_token(secret: str) -> ApiToken | None:
    """The live token of a secret with its person, or None; notes its use once a minute."""
    token = ApiToken.objects.select_related("user").filter(token_hash=token_hash(secret)).first()
    if token is None or not token.is_live or not token.user.is_active:
        return None
    token.user.acts_by_token = True
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
