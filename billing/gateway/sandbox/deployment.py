"""Whether this deployment plays with the sandbox."""

from __future__ import annotations

from django.conf import settings


def is_sandbox() -> bool:
    """Whether payments are play money here; pages say so. In production they never are."""
    return bool(settings.PAYMENT_GATEWAY == "sandbox" and settings.DEPLOYMENT != "production")
