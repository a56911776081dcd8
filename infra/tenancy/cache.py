"""Cache keys that carry the firm, so that no value crosses from one firm to another."""

from __future__ import annotations

from infra.tenancy.firm_context import current_firm


def firm_key(key: str, prefix: str, version: int) -> str:
    """Key function of the default cache; raises ``NoFirm`` where no firm is active."""
    return f"firm:{current_firm().id}:{prefix}:{version}:{key}"


def platform_key(key: str, prefix: str, version: int) -> str:
    """Key function of the ``platform`` cache."""
    return f"platform:{prefix}:{version}:{key}"
