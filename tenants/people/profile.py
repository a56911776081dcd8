"""What people do with their own account: details, password, language, theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from infra.audit.services import record_event
from infra.common.names import require_plain_names
from infra.common.session_required import require_session
from tenants.people.models import User

PROFILE_FIELDS = ("name", "phone", "language", "time_zone", "theme")


def update_profile(*, user: User, changes: Mapping[str, Any]) -> User:
    """Change the named fields of one's own account. Raises ``LinkInName``."""
    require_session(user)
    require_plain_names(name=changes.get("name", ""))
    changed = {name: changes[name] for name in PROFILE_FIELDS if name in changes}
    for name, value in changed.items():
        setattr(user, name, value)
    with transaction.atomic():
        user.save(update_fields=list(changed))
        record_event("profile.changed", by=user, about=user, meta={"fields": sorted(changed)})
    return user
