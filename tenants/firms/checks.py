"""System checks that keep the walls standing."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connections

from infra.tenancy.database.serving_login import (
    LEAST_VERSION,
    can_set_config,
    excess_rights,
    is_too_old,
)

REVOKE_SET_CONFIG = (
    "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC"
)


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


@register(Tags.database)
def serving_login_is_limited(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """The login of ``DATABASE_URL`` may become firms' roles and nothing else.

    Errors in production; elsewhere warnings, because tests work as the owner too.
    """
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    serving = connections[DEFAULT_DB_ALIAS]
    message = Error if settings.DEPLOYMENT == "production" else Warning
    found: list[CheckMessage] = []
    if is_too_old(serving):
        text = f"PostgreSQL {LEAST_VERSION} or newer is needed."
        hint = "Before it the provisioning login could run programs on the database server."
        found.append(message(text, hint=hint, id="portico.E006"))
    hint = "Make the two logins of docs/guides/operator.md; DATABASE_URL names the serving one."
    found += [message(each, hint=hint, id="portico.E007") for each in excess_rights(serving)]
    if can_set_config(serving):
        text = "Everybody may call set_config: an injected expression could change the role."
        hint = "As a superuser: " + REVOKE_SET_CONFIG
        found.append(Warning(text, hint=hint, id="portico.W008"))
    return found
