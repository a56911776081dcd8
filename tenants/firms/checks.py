"""System checks that keep the walls standing."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


def _tables(names: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        if config.name in names:
            for model in config.get_models(include_auto_created=True):
                found[model._meta.db_table] = model._meta.label
    return found


@register()
def no_table_in_both(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A table name must not exist both in public and in firms: a wrong path must fail."""
    shared, per_firm = _tables(settings.SHARED_APPS), _tables(settings.TENANT_APPS)
    return [
        Error(f"Table {name} would exist in public and in every firm.", id="portico.E001")
        for name in sorted(shared.keys() & per_firm.keys())
    ]


@register()
def no_key_across_the_wall(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """No foreign key may lead from a firm's table to a public one, or back."""
    errors: list[CheckMessage] = []
    shared, per_firm = _tables(settings.SHARED_APPS), _tables(settings.TENANT_APPS)
    for model in apps.get_models(include_auto_created=True):
        here = model._meta.db_table
        for field in model._meta.get_fields():
            target = getattr(field, "remote_field", None)
            if not getattr(field, "concrete", False) or target is None:
                continue
            there = field.related_model._meta.db_table  # type: ignore[union-attr]
            if (here in per_firm and there in shared) or (here in shared and there in per_firm):
                errors.append(
                    Error(f"{model._meta.label}.{field.name} crosses the wall.", id="portico.E002")
                )
    return errors


@register()
def settings_keep_hosts_apart(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Cookies, hosts and cache keys must belong to one firm."""
    errors: list[CheckMessage] = []
    if settings.SESSION_COOKIE_DOMAIN or settings.CSRF_COOKIE_DOMAIN:
        errors.append(Error("Cookies must not be shared between hosts.", id="portico.E003"))
    if settings.USE_X_FORWARDED_HOST:
        errors.append(Error("Visitors could choose the firm by a header.", id="portico.E004"))
    if not settings.CACHES["default"].get("KEY_FUNCTION"):
        errors.append(Error("Cache keys must carry the firm.", id="portico.E005"))
    return errors
