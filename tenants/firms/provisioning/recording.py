"""Migrate the template schema and keep what its migrations ran."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import transaction
from django.db.migrations import Migration, RunPython
from django.db.migrations.executor import MigrationExecutor
from psycopg import ClientCursor

from infra.tenancy.firm_context import as_owner, owner_alias, owner_connection
from tenants.firms.models import RecordedMigration
from tenants.firms.provisioning.schemas import TEMPLATE_SCHEMA, create_schema, schema_exists

# Django drops a foreign key with "SET CONSTRAINTS … IMMEDIATE; ALTER TABLE …": that is no read.
READS = ("SELECT", "SET ROLE", "SET SEARCH_PATH", "SAVEPOINT", "RELEASE", "ROLLBACK", "SHOW")


@contextmanager
def _recorded(statements: list[str]) -> Iterator[None]:
    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        text = sql.strip()
        if "django_migrations" not in text and not text.upper().startswith(READS):
            if params:
                text = ClientCursor(owner_connection().connection).mogrify(sql, params)
            statements.append(text.rstrip(";"))
        return result

    with owner_connection().execute_wrapper(keep):
        yield


def _is_firm_migration(migration: Migration) -> bool:
    from django.apps import apps
    from django.conf import settings

    return apps.get_app_config(migration.app_label).name in settings.TENANT_APPS


def migrate_public() -> None:
    """Bring the platform's own tables up to date."""
    with as_owner():
        executor = MigrationExecutor(owner_connection())
        executor.migrate(_public_targets(executor))


def _public_targets(executor: MigrationExecutor) -> list[tuple[str, str]]:
    from django.apps import apps
    from django.conf import settings

    return [
        key
        for key in executor.loader.graph.leaf_nodes()
        if apps.get_app_config(key[0]).name in settings.SHARED_APPS
    ]


@cache  # tenant-safe: it says what the code holds, the same for every firm
def firm_migrations() -> list[tuple[str, str]]:
    """Every migration of the apps in firms' schemas, in the order in which they run."""
    with as_owner():
        executor = MigrationExecutor(owner_connection())
        targets = [
            key
            for key in executor.loader.graph.leaf_nodes()
            if _is_firm_migration(executor.loader.graph.nodes[key])
        ]
        plan = executor.migration_plan(targets, clean_start=True)
    return [
        (migration.app_label, migration.name)
        for migration, _backwards in plan
        if _is_firm_migration(migration)
    ]


def release_hash() -> str:
    """The release a schema can be at: a hash over the names of all its migrations."""
    names = sorted(f"{app}.{name}" for app, name in firm_migrations())
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def update_template() -> int:
    """Migrate the template, one transaction a migration, recording each; returns how many ran."""
    with as_owner(), transaction.atomic(using=owner_alias()):
        if not schema_exists(TEMPLATE_SCHEMA):
            create_schema(TEMPLATE_SCHEMA)
    ran = 0
    with as_owner(TEMPLATE_SCHEMA):
        executor = MigrationExecutor(owner_connection())
        executor.recorder.ensure_schema()
        executor = MigrationExecutor(owner_connection())
        targets = executor.loader.graph.leaf_nodes()
        targets = [k for k in targets if _is_firm_migration(executor.loader.graph.nodes[k])]
        state = executor._create_project_state(  # type: ignore[attr-defined]
            with_applied_migrations=True
        )
        full_plan = executor.migration_plan(targets, clean_start=True)
        pending = {migration for migration, _back in executor.migration_plan(targets)}
        for position, (migration, _backwards) in enumerate(full_plan):
            if migration not in pending:
                continue
            if not _is_firm_migration(migration):
                # A public app's migration: its models count, its tables are not made here.
                state = migration.mutate_state(state, preserve=False)
                continue
            statements: list[str] = []
            with _recorded(statements):
                state = executor.apply_migration(state, migration)
            _keep(migration, position, statements)
            ran += 1
    return ran


def _keep(migration: Migration, position: int, statements: list[str]) -> None:
    with as_owner():
        RecordedMigration.objects.update_or_create(
            app=migration.app_label,
            name=migration.name,
            defaults={
                "position": position,
                "statements": statements,
                "has_python": any(isinstance(op, RunPython) for op in migration.operations),
            },
        )
