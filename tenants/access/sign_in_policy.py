"""Change who can sign in, with what, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from infra.audit.services import record_event
from infra.common.actor import Actor, require
from infra.common.session_required import require_in_person
from tenants.access.models import SignInPolicy
from tenants.firms.permissions import Permission


def save_sign_in_policy(*, changes: Mapping[str, Any], by: Actor) -> SignInPolicy:
    """Change the named fields of the policy.

    In a session only: whoever steals an API token must not be able to weaken it.
    Raises ``SessionNeeded``, ``SecondStepNeeded``, ``Invalid``.
    """
    require(by.may(Permission.MANAGE_PORTAL))
    require_in_person(by)
    with transaction.atomic():
        saved, changed = SignInPolicy.change(changes)
        if changed:
            record_event("sign_in_policy.changed", by=by, meta={"fields": changed})
    return saved
